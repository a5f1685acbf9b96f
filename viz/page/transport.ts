/** Playing: the buttons, the keys and the loop that moves time on. */
import { byId, h } from './dom.ts';
import { clock, speedLabel } from './format.ts';
import { goToIncident } from './incidents-view.ts';
import {
  advance,
  nextEvent,
  nextIncident,
  otherSpeed,
  previousEvent,
  previousIncident,
  SPEEDS,
} from './playback.ts';
import type { Scene } from './scene.ts';
import type { State } from './store.ts';
import { follow } from './timeline-view.ts';

/** A frame later than this is taken for a pause (a hidden tab), not for time to catch up with. */
const FRAME_MAX_MS = 250;

export class Transport {
  private readonly scene: Scene;
  private readonly play = byId<HTMLButtonElement>('play');
  private readonly speed = byId<HTMLSelectElement>('speed');
  private readonly clock = byId('clock');
  private lastFrame_ms = 0;

  constructor(scene: Scene) {
    this.scene = scene;
    for (const speed of SPEEDS) {
      this.speed.append(h('option', { text: speedLabel(speed), attrs: { value: String(speed) } }));
    }
    this.listen();
    this.show(scene.store.state);
  }

  update(state: State, before: State): void {
    if (state.playing && !before.playing) this.start();
    this.show(state);
  }

  private show({ playing, speed, time_s }: State): void {
    this.play.classList.toggle('playing', playing);
    this.play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    this.speed.value = String(speed);
    this.clock.textContent = clock(time_s, true);
  }

  private start(): void {
    this.lastFrame_ms = performance.now();
    requestAnimationFrame((now_ms) => this.frame(now_ms));
  }

  private frame(now_ms: number): void {
    const { store, replay } = this.scene;
    const { playing, time_s, speed } = store.state;
    if (!playing) return;
    const elapsed_ms = Math.min(FRAME_MAX_MS, Math.max(0, now_ms - this.lastFrame_ms));
    this.lastFrame_ms = now_ms;
    const next_s = advance(time_s, elapsed_ms, speed, replay.end_s);
    store.set({ time_s: next_s, playing: next_s < replay.end_s });
    follow(this.scene);
    requestAnimationFrame((later_ms) => this.frame(later_ms));
  }

  private toggle(): void {
    const { store, replay } = this.scene;
    const { playing, time_s } = store.state;
    store.set(
      time_s >= replay.end_s && !playing
        ? { playing: true, time_s: replay.start_s }
        : { playing: !playing },
    );
  }

  private goTo(time_s: number): void {
    this.scene.store.set({ time_s, playing: false });
    follow(this.scene);
  }

  private stepEvent(direction: 1 | -1): void {
    const { steps, start_s, end_s } = this.scene.replay;
    const { time_s } = this.scene.store.state;
    this.goTo(
      direction > 0
        ? nextEvent(steps.time_s, time_s, end_s)
        : previousEvent(steps.time_s, time_s, start_s),
    );
  }

  private stepIncident(direction: 1 | -1): void {
    const { time_s } = this.scene.store.state;
    const faults = this.scene.incidents.filter((incident) => incident.fault);
    const found = direction > 0 ? nextIncident(faults, time_s) : previousIncident(faults, time_s);
    if (found) goToIncident(this.scene, found);
  }

  private changeSpeed(steps: number): void {
    this.scene.store.set({ speed: otherSpeed(this.scene.store.state.speed, steps) });
  }

  private listen(): void {
    const { store, replay } = this.scene;
    this.play.addEventListener('click', () => this.toggle());
    byId('next-event').addEventListener('click', () => this.stepEvent(1));
    byId('previous-event').addEventListener('click', () => this.stepEvent(-1));
    byId('next-incident').addEventListener('click', () => this.stepIncident(1));
    byId('previous-incident').addEventListener('click', () => this.stepIncident(-1));
    this.speed.addEventListener('change', () => store.set({ speed: Number(this.speed.value) }));
    const keys: Record<string, () => void> = {
      ' ': () => this.toggle(),
      ArrowRight: () => this.stepEvent(1),
      ArrowLeft: () => this.stepEvent(-1),
      'Shift+ArrowRight': () => this.stepIncident(1),
      'Shift+ArrowLeft': () => this.stepIncident(-1),
      ArrowUp: () => this.stepIncident(-1),
      ArrowDown: () => this.stepIncident(1),
      '+': () => this.changeSpeed(1),
      '-': () => this.changeSpeed(-1),
      Home: () => this.goTo(replay.start_s),
      End: () => this.goTo(replay.end_s),
      '/': () => byId('search').focus(),
      Escape: () => store.set({ pinned: -1, filter: '', matches: new Set() }),
      '?': () => byId<HTMLDialogElement>('help').showModal(),
    };
    document.addEventListener('keydown', (event) => onKey(event, keys));
    byId('help-button').addEventListener('click', () =>
      byId<HTMLDialogElement>('help').showModal(),
    );
  }
}

function onKey(event: KeyboardEvent, keys: Readonly<Record<string, () => void>>): void {
  const target = event.target as Element;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target.closest('input, select, dialog[open]')) return;
  if (event.key === ' ' && target.closest('button')) return;
  const name = event.shiftKey && event.key.startsWith('Arrow') ? `Shift+${event.key}` : event.key;
  const act = keys[name];
  if (!act) return;
  event.preventDefault();
  act();
}
