import { expect, it } from 'vitest';
import { type State, Store } from '../../viz/page/store.ts';

const INITIAL: State = {
  time_s: 0,
  playing: false,
  speed: 60,
  hovered: -1,
  pinned: -1,
  filter: '',
  matches: new Set(),
  view_s: [0, 100],
};

function storeByHand() {
  const frames: (() => void)[] = [];
  const store = new Store(INITIAL, (flush) => frames.push(flush));
  const told: [State, State][] = [];
  store.subscribe((state, before) => told.push([state, before]));
  return { store, told, frames, frame: () => frames.shift()?.() };
}

it('tells its listeners once a frame, of everything that changed since the last one', () => {
  const { store, told, frames, frame } = storeByHand();
  store.set({ time_s: 1 });
  store.set({ time_s: 2, pinned: 7 });
  expect(store.state.time_s).toBe(2);
  expect(told).toHaveLength(0);
  expect(frames).toHaveLength(1);
  frame();
  expect(told).toEqual([[{ ...INITIAL, time_s: 2, pinned: 7 }, INITIAL]]);
});

it('asks for no frame when nothing changes', () => {
  const { store, frames } = storeByHand();
  store.set({ time_s: 0, filter: '' });
  expect(frames).toHaveLength(0);
});

it('takes changes made by listeners into the next frame', () => {
  const { store, told, frame } = storeByHand();
  store.subscribe((state) => {
    if (state.time_s === 1) store.set({ time_s: 5 });
  });
  store.set({ time_s: 1 });
  frame();
  frame();
  expect(told.map(([state]) => state.time_s)).toEqual([1, 5]);
});
