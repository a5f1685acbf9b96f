/** The panel about the chosen entity: state, why, what it depends on, its history around now. */
import { LAYERS } from '../../model/layers.ts';
import { causeLinks } from './chain.ts';
import { byId, h, swatch } from './dom.ts';
import { clock, count, span } from './format.ts';
import { LAYER_TITLES } from './ground.ts';
import { metricRows } from './metric-view.ts';
import { hasFailed } from './overlay.ts';
import { NO_RACK } from './racks.ts';
import { fullName, lowerBound } from './replay.ts';
import { dependentsOf, providersOf, type Scene } from './scene.ts';
import type { State } from './store.ts';

const HISTORY_BEFORE = 7;
const HISTORY_AFTER = 5;
const LISTED_MAX = 12;
/** While playing the panel is redrawn this often at most. */
const REFRESH_MS = 120;

export class DetailView {
  private readonly scene: Scene;
  private readonly box = byId('detail');
  private drawn_ms = 0;

  constructor(scene: Scene) {
    this.scene = scene;
    this.draw();
  }

  update(state: State, before: State): void {
    const isChosen = state.pinned !== before.pinned;
    if (isChosen) this.box.scrollTop = 0;
    if (!isChosen && (state.pinned < 0 || state.time_s === before.time_s)) return;
    if (!isChosen && state.playing && performance.now() - this.drawn_ms < REFRESH_MS) return;
    this.draw();
  }

  private draw(): void {
    this.drawn_ms = performance.now();
    const e = this.scene.store.state.pinned;
    this.box.classList.toggle('empty', e < 0);
    if (e < 0) {
      this.box.replaceChildren(
        h('p', {
          class: 'hint',
          text: 'Point at a cell to see its state and what led to it. Click it to keep it here.',
        }),
      );
      return;
    }
    this.box.replaceChildren(
      this.heading(e),
      ...this.why(e),
      ...this.related('Depends on', providersOf(this.scene, e)),
      ...this.related('Needed by', dependentsOf(this.scene, e)),
      ...metricRows(this.scene, e),
      ...this.history(e),
    );
  }

  private heading(e: number): HTMLElement {
    const { replay, rack, store } = this.scene;
    const { kind, layer } = replay.kinds[replay.kindOf[e]];
    const place = rack[e] === NO_RACK || rack[e] === e ? '' : ` · rack ${replay.nameOf[rack[e]]}`;
    const close = h('button', {
      class: 'close',
      text: '×',
      attrs: { type: 'button', 'aria-label': 'Close' },
      onClick: () => store.set({ pinned: -1 }),
    });
    return h(
      'div',
      { class: 'heading' },
      h(
        'h2',
        { attrs: { id: 'detail-name' } },
        h('span', { class: 'kind', text: `${kind}/` }),
        replay.nameOf[e],
      ),
      close,
      h('p', { class: 'place', text: `${LAYER_TITLES[LAYERS[layer]]}${place}` }),
      stateLine(this.scene, e),
    );
  }

  private why(e: number): Node[] {
    const row = this.scene.cursor.rowOf(e);
    if (row < 0) return [];
    return [h('h3', { text: 'Why' }), chainList(this.scene, row, Number.POSITIVE_INFINITY, true)];
  }

  private related(title: string, entities: readonly number[]): Node[] {
    if (entities.length === 0) return [];
    const { cursor } = this.scene;
    const worst = [...entities].sort((a, b) => cursor.classOf(b) - cursor.classOf(a));
    const items = worst
      .slice(0, LISTED_MAX)
      .map((other) => h('li', {}, entityButton(this.scene, other, true)));
    if (worst.length > LISTED_MAX)
      items.push(h('li', { class: 'more', text: `and ${count(worst.length - LISTED_MAX)} more` }));
    return [
      h('h3', { text: `${title} ` }, h('small', { text: count(entities.length) })),
      h('ul', { class: 'related' }, ...items),
    ];
  }

  private history(e: number): Node[] {
    const { replay, cursor } = this.scene;
    const own = replay.stepsOf.of(e);
    const done = lowerBound(own, cursor.position);
    const from = Math.max(0, done - HISTORY_BEFORE);
    const shown = [...own.subarray(from, done + HISTORY_AFTER)];
    const items = shown.map((step, i) => this.historyRow(step, from + i - done + 1));
    return [
      h('h3', { text: 'History ' }, h('small', { text: count(own.length) })),
      h('ol', { class: 'history' }, ...items),
    ];
  }

  /** `offset`: 0 for the step that made the present state, negative before it, positive after now. */
  private historyRow(step: number, offset: number): HTMLElement {
    const { replay, store } = this.scene;
    const { steps, recording } = replay;
    const { time_s, event, to, detail } = recording.row(steps.row[step]);
    const when = offset === 0 ? 'present' : offset > 0 ? 'later' : 'earlier';
    const isGone = event === 'removed';
    const text = isGone ? 'removed' : recording.states.find((s) => s.name === to)!.state;
    const button = h(
      'button',
      {
        attrs: { type: 'button' },
        title: detail,
        onClick: () => store.set({ time_s, playing: false }),
      },
      h('time', { text: clock(time_s) }),
      isGone ? '' : swatch(replay.stateClass[steps.to[step]]),
      h('span', { class: 'state', text }),
      h('span', { class: 'event', text: event }),
    );
    return h('li', { class: when }, button);
  }
}

/** `● active  for 3m`, or that the entity is not there. */
export function stateLine({ replay, cursor, store }: Scene, e: number): HTMLElement {
  const line = h('p', { class: 'state-line' });
  const { steps, recording } = replay;
  const step = cursor.lastStep[e];
  if (!cursor.isAlive(e)) {
    line.append(
      step < 0 ? 'not created yet' : `removed ${span(store.state.time_s - steps.time_s[step])} ago`,
    );
    return line;
  }
  const state = recording.states[cursor.state[e]];
  const since = span(store.state.time_s - steps.time_s[step]);
  line.append(
    swatch(cursor.classOf(e)),
    h('b', { text: state.state }),
    h('span', {
      text: `${state.class}, ${state.serving ? 'serving' : 'not serving'}, for ${since}`,
    }),
  );
  return line;
}

/** The chain of causes, latest first; at most `most` lines, the root always among them. */
export function chainList(
  scene: Scene,
  row: number,
  most: number,
  clickable: boolean,
): HTMLElement {
  const links = causeLinks(scene.replay.recording, row);
  const cut = links.length > most;
  const shown = cut ? [...links.slice(0, most - 1), links[links.length - 1]] : links;
  const isTrouble = links.some(({ rows }) =>
    rows.some((r) => hasFailed(scene.replay.recording, r)),
  );
  const list = h('ol', { class: isTrouble ? 'chain trouble' : 'chain' });
  for (const [i, { rows }] of shown.entries()) {
    if (cut && i === shown.length - 1) {
      list.append(h('li', { class: 'more', text: `${links.length - most} more in between` }));
    }
    list.append(chainRow(scene, rows[0], rows.length, i === shown.length - 1, clickable));
  }
  return list;
}

function chainRow(
  scene: Scene,
  row: number,
  rows: number,
  isRoot: boolean,
  clickable: boolean,
): HTMLElement {
  const { recording } = scene.replay;
  const { time_s, entity, to, event, from } = recording.row(row);
  const target = recording.states.find((s) => s.name === to)!;
  const change =
    from === to
      ? target.state
      : `${recording.states.find((s) => s.name === from)!.state} → ${target.state}`;
  const reason = recording.reason(row);
  const name = clickable
    ? entityButton(scene, entity, false)
    : h('span', { class: 'entity', text: fullName(scene.replay, entity) });
  return h(
    'li',
    { class: isRoot ? 'root' : '' },
    h('time', { text: clock(time_s) }),
    h('span', { class: 'who' }, name),
    h(
      'span',
      { class: 'change' },
      swatch(scene.replay.stateClass[target.id]),
      `${change} `,
      h('i', { text: rows > 1 ? `${event} (+${rows - 1} before)` : event }),
    ),
    ...(reason ? [h('span', { class: 'reason', text: reason })] : []),
  );
}

function entityButton(
  { replay, cursor, store }: Scene,
  e: number,
  withState: boolean,
): HTMLElement {
  const button = h('button', {
    class: 'entity',
    attrs: { type: 'button' },
    onClick: () => store.set({ pinned: e }),
  });
  if (withState && cursor.isAlive(e)) button.append(swatch(cursor.classOf(e)));
  button.append(fullName(replay, e));
  button.addEventListener('pointerenter', () => store.set({ hovered: e }));
  button.addEventListener('pointerleave', () => store.set({ hovered: -1 }));
  return button;
}
