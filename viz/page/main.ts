/** Starts the page: gets the recording, works it out, puts the views together. */
import { openRecording } from '../../engine/recording/decode.ts';
import { ROLE } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { readSource, sourceOf } from './codec.ts';
import { applyTheme, CLASS_LABELS, THEMES, type Theme } from './colour.ts';
import { DetailView } from './detail-view.ts';
import { byId, h, swatch } from './dom.ts';
import { count, span } from './format.ts';
import { readHash, writeHash } from './hash.ts';
import { IncidentsView } from './incidents-view.ts';
import { suitableSpeed } from './playback.ts';
import { buildReplay, fullName, type Replay } from './replay.ts';
import { findEntity, makeScene, type Scene, worstMoment } from './scene.ts';
import { SearchView } from './search-view.ts';
import { Store } from './store.ts';
import { StrataView } from './strata-view.ts';
import { follow, TimelineView } from './timeline-view.ts';
import { Tooltip } from './tooltip.ts';
import { Transport } from './transport.ts';

/** The address follows the page this long after the last change. */
const HASH_DELAY_MS = 300;

async function start(): Promise<void> {
  const source = sourceOf(byId('recording'));
  const bytes = await readSource(source);
  byId('recording').textContent = '';
  const replay = buildReplay(openRecording(bytes));
  const scene = makeScene(replay, makeStore(replay));
  describe(scene, source.note);
  mount(scene);
  document.body.dataset.state = 'ready';
}

function makeStore(replay: Replay): Store {
  const { start_s, end_s } = replay;
  const initial = {
    time_s: start_s,
    playing: false,
    speed: suitableSpeed(end_s - start_s),
    hovered: -1,
    pinned: -1,
    filter: '',
    matches: new Set<number>(),
    view_s: [start_s, end_s] as const,
  };
  return new Store(initial, (flush) => requestAnimationFrame(flush));
}

function mount(scene: Scene): void {
  const scheme = window.matchMedia('(prefers-color-scheme: dark)');
  const theme = (): Theme => THEMES[scheme.matches ? 'dark' : 'light'];
  applyTheme(theme(), document.documentElement);
  const { store, cursor } = scene;
  openPlace(scene);
  const strata = new StrataView(scene, theme());
  const timeline = new TimelineView(scene, theme());
  const others = [
    new Tooltip(scene, (e) => strata.screenBox(e)),
    new DetailView(scene),
    new IncidentsView(scene),
    new SearchView(scene),
    new Transport(scene),
  ];
  store.subscribe((state, before) => {
    if (state.time_s !== before.time_s) cursor.seek(state.time_s);
    strata.update(state, before, cursor.takeDirty());
    timeline.update(state, before);
    for (const view of others) view.update(state, before);
  });
  const resize = (): void => {
    strata.resize();
    timeline.resize();
  };
  resize();
  strata.update(store.state, store.state, cursor.takeDirty());
  strata.reveal(store.state.pinned);
  new ResizeObserver(resize).observe(byId('strata'));
  scheme.addEventListener('change', () => {
    applyTheme(theme(), document.documentElement);
    strata.setTheme(theme());
    timeline.setTheme(theme());
  });
  keepAddress(scene);
}

/** Opens the page where its address says, else at the moment when most was out of service. */
function openPlace(scene: Scene): void {
  const { store, cursor, replay } = scene;
  const place = readHash(location.hash);
  const wanted_s = place.time_s ?? worstMoment(scene);
  const time_s = Math.min(replay.end_s, Math.max(replay.start_s, wanted_s));
  cursor.seek(time_s);
  const pinned = place.entity === undefined ? -1 : findEntity(scene, place.entity);
  store.set({ time_s, pinned });
}

/** Keeps the address in step with the page, and the page with an address typed in. */
function keepAddress(scene: Scene): void {
  const { store, replay } = scene;
  let written = location.hash;
  let timer = 0;
  store.subscribe(({ time_s, pinned }) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      written = writeHash({ time_s, entity: pinned < 0 ? undefined : fullName(replay, pinned) });
      history.replaceState(null, '', written);
    }, HASH_DELAY_MS);
  });
  window.addEventListener('hashchange', () => {
    if (location.hash === written) return;
    openPlace(scene);
    follow(scene);
  });
}

function describe({ replay, divergences }: Scene, note: string): void {
  const { recording, entityCount, start_s, end_s } = replay;
  const { scenario, mode, seed, profile, started } = recording.metadata;
  document.title = `${scenario} · Strata`;
  byId('scenario').textContent = scenario;
  const facts = [
    mode === 'live' ? `live run${started ? ` of ${started}` : ''}` : `simulated, seed ${seed}`,
    `profile ${profile}`,
    span(end_s - start_s),
    `${count(entityCount)} entities`,
    `${count(transitionsOf(recording))} transitions`,
    ...(divergences.length > 0
      ? [`${count(divergences.length)} divergence${divergences.length > 1 ? 's' : ''}`]
      : []),
  ];
  byId('facts').textContent = facts.join(' · ');
  const notes = [
    note,
    recording.truncated ? 'The recording breaks off: its writer was stopped.' : '',
  ].filter(Boolean);
  byId('note').textContent = notes.join(' ');
  byId('note').hidden = notes.length === 0;
  byId('legend').append(...CLASS_LABELS.map((label, code) => h('span', {}, swatch(code), label)));
}

/** As the report counts them: coming and going of entities are no transitions. */
function transitionsOf({ batches, roles }: Recording): number {
  let transitions = 0;
  for (const { event, length } of batches) {
    for (let i = 0; i < length; i++) if (roles[event[i]] === ROLE.transition) transitions++;
  }
  return transitions;
}

start().catch((error: unknown) => {
  document.body.dataset.state = 'failed';
  byId('failure').textContent = error instanceof Error ? error.message : String(error);
});
