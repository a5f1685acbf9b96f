/** Day-2 actions: what a user does to a server, and what takes it back some time later. */
import type { ServerAction } from '../../model/scenario.ts';
import type { Nova } from './nova.ts';
import type { Catalog } from './projects.ts';
import { DUE, FLAVOR, NEW_FLAVOR, NOTHING, PROJECT } from './servers-table.ts';

interface ActionPlan {
  readonly first: string;
  /** Sent some time after the server has come to rest in the state. */
  readonly later?: { readonly state: string; readonly event: string };
}

const PLANS: Readonly<Record<ServerAction, ActionPlan>> = {
  reboot: { first: 'reboot' },
  stop_start: { first: 'stop', later: { state: 'stopped.idle', event: 'start' } },
  pause_unpause: { first: 'pause', later: { state: 'paused.idle', event: 'unpause' } },
  suspend_resume: { first: 'suspend', later: { state: 'suspended.idle', event: 'resume' } },
  resize: { first: 'resize', later: { state: 'resized', event: 'confirm_resize' } },
  live_migrate: { first: 'live_migrate' },
  migrate: { first: 'migrate', later: { state: 'resized', event: 'confirm_resize' } },
  rebuild: { first: 'rebuild' },
  shelve_unshelve: {
    first: 'shelve',
    later: { state: 'shelved_offloaded.idle', event: 'unshelve' },
  },
  snapshot: { first: 'snapshot' },
  rescue_unrescue: { first: 'rescue', later: { state: 'rescued.idle', event: 'unrescue' } },
};

/** A plan by the numbers of its events; `later` is NOTHING when nothing is to be taken back. */
interface Numbered {
  readonly first: number;
  readonly later: number;
}

export class Actions {
  readonly #nova: Nova;
  readonly #plans: Readonly<Record<ServerAction, Numbered>>;
  /** By flavor: the ones that a server of it may be resized to, best first. */
  readonly #choices: readonly (readonly number[])[];

  constructor(nova: Nova) {
    const { engine, world, table } = nova;
    const { model } = engine;
    this.#nova = nova;
    const plans = Object.entries(PLANS).map(([name, { first, later }]) => {
      const numbered = {
        first: model.eventId(first),
        later: later ? model.eventId(later.event) : NOTHING,
      };
      return [name, numbered] as const;
    });
    this.#plans = Object.fromEntries(plans) as Record<ServerAction, Numbered>;
    this.#choices = nova.catalog.flavors.map((_, flavor) => sizesFor(nova.catalog, flavor));
    const rest = world.timing('server.rest');
    const bringBack = world.scheduler.handler((server, uid, cause) => {
      if (!engine.isAlive(server, uid)) return;
      const row = table.of(server);
      const event = table.cells[row + DUE];
      table.cells[row + DUE] = NOTHING;
      if (event !== NOTHING) engine.send(server, event, cause);
    });
    const states = new Set(
      Object.values(PLANS).flatMap(({ later }) => (later ? [later.state] : [])),
    );
    for (const state of states) {
      engine.onEnter('server', state, (server, row) => {
        if (table.cells[table.of(server) + DUE] === NOTHING) return;
        const delay_s = world.draw(server, rest);
        world.scheduler.after(delay_s, bringBack, server, engine.uidOf(server), row);
      });
    }
  }

  /** Starts an action; false when the state of the server, a quota or the API does not allow it. */
  start(server: number, action: ServerAction, cause: number): boolean {
    const { engine, table } = this.#nova;
    const { first, later } = this.#plans[action];
    if (!this.#nova.isApiUp || !this.#isAccepted(server, first)) return false;
    if (action === 'resize' && !this.#chooseFlavor(server)) return false;
    if (later !== NOTHING) table.cells[table.of(server) + DUE] = later;
    engine.send(server, first, cause);
    return true;
  }

  /** Whether the machine takes an event in the state of a server (otherwise nova says 409). */
  #isAccepted(server: number, event: number): boolean {
    const { model, state } = this.#nova.engine;
    return model.table[state[server] * model.eventNames.length + event] > 0;
  }

  /** The next larger flavor, or the next smaller one when there is none or the quota is too small. */
  #chooseFlavor(server: number): boolean {
    const { table } = this.#nova;
    const row = table.of(server);
    const flavor = table.cells[row + FLAVOR];
    const project = table.cells[row + PROJECT];
    const choice = this.#choices[flavor].find((to) => this.#fits(project, flavor, to));
    table.cells[row + NEW_FLAVOR] = choice ?? NOTHING;
    return choice !== undefined;
  }

  /** Whether the quota of a project allows what one flavor has more than another. */
  #fits(project: number, from: number, to: number): boolean {
    const { catalog } = this.#nova;
    const now = catalog.flavors[from];
    const next = catalog.flavors[to];
    const more = {
      vcpus: next.vcpus - now.vcpus,
      ram_bytes: next.ram_bytes - now.ram_bytes,
      disk_bytes: 0,
    };
    return catalog.allows(catalog.projects[project], 0, more, 0);
  }
}

/** The next larger flavor and the next smaller one, by memory; root disks never shrink. */
function sizesFor({ flavors }: Catalog, from: number): number[] {
  const now = flavors[from];
  const bySize = flavors
    .map((flavor, index) => ({ flavor, index }))
    .filter(({ flavor }) => flavor.rootDisk_bytes >= now.rootDisk_bytes || flavor.disk_bytes === 0)
    .sort((a, b) => a.flavor.ram_bytes - b.flavor.ram_bytes || a.index - b.index);
  const larger = bySize.find(({ flavor }) => flavor.ram_bytes > now.ram_bytes);
  const smaller = bySize.findLast(({ flavor }) => flavor.ram_bytes < now.ram_bytes);
  return [larger, smaller].flatMap((choice) => (choice ? [choice.index] : []));
}
