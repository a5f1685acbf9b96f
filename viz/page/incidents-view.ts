/** The list of incidents: when, what, how far up it went, and when everything was whole again. */
import { LAYERS } from '../../model/layers.ts';
import { logShare } from './density.ts';
import { byId, h } from './dom.ts';
import { brief, clock, count, span } from './format.ts';
import { LAYER_SHORT, LAYER_TITLES } from './ground.ts';
import type { ListedIncident } from './incidents.ts';
import { suitableSpeed } from './playback.ts';
import { fullName, kindName } from './replay.ts';
import type { Scene } from './scene.ts';
import type { State } from './store.ts';
import { incidentView } from './timeview.ts';

/** Longer lists are cut; the page says so. */
const LISTED_MAX = 400;
/** An incident is replayed in about this long. */
const WATCH_S = 30;

/** Shows an incident's beginning with its root chosen and the timeline around it. */
export function goToIncident({ replay, store }: Scene, incident: ListedIncident): void {
  const view_s = incidentView(incident.time_s, incident.whole_s, [replay.start_s, replay.end_s]);
  store.set({
    time_s: incident.time_s,
    pinned: incident.entity,
    playing: false,
    view_s,
    speed: suitableSpeed(((view_s[1] - view_s[0]) * 60) / WATCH_S),
  });
}

/** A line of the list, and the time that it is about. */
interface Entry {
  readonly from_s: number;
  readonly to_s: number;
  readonly element: HTMLElement;
}

export class IncidentsView {
  private readonly scene: Scene;
  private readonly list = byId('incident-list');
  private readonly planned = byId<HTMLInputElement>('planned');
  private entries: Entry[] = [];
  private current: HTMLElement | null = null;

  constructor(scene: Scene) {
    this.scene = scene;
    byId('incident-layers').append(
      ...LAYER_SHORT.map((name, i) => h('span', { text: name, title: LAYER_TITLES[LAYERS[i]] })),
    );
    const planned = scene.incidents.filter((incident) => !incident.fault).length;
    byId('planned-label').hidden = planned === 0;
    byId('planned-count').textContent = count(planned);
    this.planned.addEventListener('change', () => this.fill());
    this.fill();
  }

  update(state: State, before: State): void {
    if (state.time_s === before.time_s) return;
    this.follow(state.time_s);
  }

  private fill(): void {
    const { incidents } = this.scene;
    const wanted = incidents.filter((i) => i.fault || this.planned.checked);
    byId('incident-count').textContent = count(wanted.length);
    const listed = largest(wanted);
    const most = Math.max(1, ...listed.map((i) => Math.max(...i.taken)));
    const rows = listed.map((i) => ({
      from_s: i.time_s,
      to_s: i.whole_s,
      element: this.row(i, most),
    }));
    this.entries = [...rows, ...this.divergences()].sort((a, b) => a.from_s - b.from_s);
    this.list.replaceChildren(...this.entries.map((entry) => entry.element));
    if (this.entries.length === 0) this.note('No fault took anything out of service.');
    if (listed.length < wanted.length) {
      this.note(`The ${count(listed.length)} largest of ${count(wanted.length)} are listed.`);
    }
    this.current = null;
    this.follow(this.scene.store.state.time_s);
  }

  private note(text: string): void {
    this.list.append(h('li', { class: 'nothing', text }));
  }

  private divergences(): Entry[] {
    const { replay, divergences, store } = this.scene;
    return divergences.slice(0, LISTED_MAX).map((r) => {
      const { time_s, entity, detail } = replay.recording.row(r);
      const button = h(
        'button',
        {
          class: 'incident divergence',
          attrs: { type: 'button' },
          onClick: () => store.set({ time_s, pinned: entity, playing: false }),
        },
        h('span', { class: 'when', text: clock(time_s, false) }),
        h('span', { class: 'what' }, h('b', { text: fullName(replay, entity) }), ' diverged'),
        h('span', { class: 'detail', text: detail }),
      );
      return { from_s: time_s, to_s: time_s, element: h('li', {}, button) };
    });
  }

  private row(incident: ListedIncident, most: number): HTMLElement {
    const { replay } = this.scene;
    const { event, detail } = replay.recording.row(incident.row);
    const isHealed = incident.whole_s < Number.POSITIVE_INFINITY;
    const whole = isHealed ? `whole +${span(incident.whole_s - incident.time_s)}` : 'not healed';
    const cells = incident.taken.map((n, layer) => {
      const title = `${LAYER_TITLES[LAYERS[layer]]}: ${count(n)} out of service`;
      const cell = h('span', {
        class: n > 0 ? 'hit' : 'none',
        text: n > 0 ? brief(n) : '·',
        title,
      });
      if (n > 0) cell.style.setProperty('--heat', `${Math.round(18 + 60 * logShare(n, most))}%`);
      return cell;
    });
    const button = h(
      'button',
      {
        class: 'incident',
        attrs: { type: 'button', 'data-row': String(incident.row) },
        title: `${fullName(replay, incident.entity)} ${event}: ${detail || incident.reason}`,
        onClick: () => goToIncident(this.scene, incident),
      },
      h('span', { class: 'when', text: clock(incident.time_s, false) }),
      h(
        'span',
        { class: 'what' },
        h('span', { class: 'kind', text: `${kindName(replay, incident.entity)}/` }),
        h('b', { text: replay.nameOf[incident.entity] }),
        ` ${event}`,
      ),
      h('span', { class: isHealed ? 'whole' : 'whole open', text: whole }),
      h('span', { class: 'layers' }, ...cells),
    );
    return h('li', {}, button);
  }

  /** Marks the incident that the present instant belongs to: of several the latest. */
  private follow(time_s: number): void {
    const now = this.entries.findLast(({ from_s, to_s }) => from_s <= time_s && time_s <= to_s);
    const element = now?.element ?? null;
    if (element === this.current) return;
    this.current?.classList.remove('now');
    element?.classList.add('now');
    if (element) keepInView(this.list, element);
    this.current = element;
  }
}

/** Scrolls the list, and nothing around it, as little as is needed. */
function keepInView(list: HTMLElement, element: HTMLElement): void {
  const outer = list.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}

function largest(incidents: readonly ListedIncident[]): readonly ListedIncident[] {
  if (incidents.length <= LISTED_MAX) return incidents;
  return [...incidents]
    .sort((a, b) => b.out - a.out)
    .slice(0, LISTED_MAX)
    .sort((a, b) => a.row - b.row);
}
