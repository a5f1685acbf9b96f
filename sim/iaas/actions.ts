/** Day-2 actions: what a user does to a server, and what takes it back some time later. */
import type { ServerAction } from '../../model/scenario.ts';
import type { Nova } from './nova.ts';
import { NOTHING } from './servers-table.ts';

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

export class Actions {
  readonly #nova: Nova;
  readonly #first: Readonly<Record<ServerAction, number>>;
  /** Servers that are to be brought back: the event that does it. */
  readonly #due = new Map<number, number>();

  constructor(nova: Nova) {
    const { engine, world } = nova;
    this.#nova = nova;
    const names = Object.keys(PLANS) as ServerAction[];
    const ids = names.map((name) => [name, engine.model.eventId(PLANS[name].first)]);
    this.#first = Object.fromEntries(ids);
    const rest = world.timing('server.rest');
    const bringBack = world.scheduler.handler((server, uid, cause) => {
      const event = this.#due.get(uid);
      this.#due.delete(uid);
      if (event !== undefined && engine.isAlive(server, uid)) engine.send(server, event, cause);
    });
    const states = new Set(
      Object.values(PLANS).flatMap(({ later }) => (later ? [later.state] : [])),
    );
    for (const state of states) {
      engine.onEnter('server', state, (server, row) => {
        if (!this.#due.has(engine.uidOf(server))) return;
        world.scheduler.after(
          world.draw(server, rest),
          bringBack,
          server,
          engine.uidOf(server),
          row,
        );
      });
    }
    engine.onRemoved('server', (server) => this.#due.delete(engine.uidOf(server)));
  }

  /** Starts an action; false when the state of the server, a quota or the API does not allow it. */
  start(server: number, action: ServerAction, cause: number): boolean {
    const { engine } = this.#nova;
    const event = this.#first[action];
    if (!this.#nova.isApiUp || !this.#isAccepted(server, event)) return false;
    if (action === 'resize' && !this.#chooseFlavor(server)) return false;
    const { later } = PLANS[action];
    if (later) this.#due.set(engine.uidOf(server), engine.model.eventId(later.event));
    engine.send(server, event, cause);
    return true;
  }

  /** Whether the machine takes an event in the state of a server (otherwise nova says 409). */
  #isAccepted(server: number, event: number): boolean {
    const { model, state } = this.#nova.engine;
    return model.table[state[server] * model.eventNames.length + event] > 0;
  }

  /** The next larger flavor, or the next smaller one when there is none or the quota is too small. */
  #chooseFlavor(server: number): boolean {
    const { catalog, table } = this.#nova;
    const row = table.of(server);
    const now = catalog.flavors[table.flavor[row]];
    const bySize = catalog.flavors
      .map((flavor, index) => ({ flavor, index }))
      .filter(
        ({ flavor }) => flavor.rootDisk_bytes >= now.rootDisk_bytes || flavor.disk_bytes === 0,
      )
      .sort((a, b) => a.flavor.ram_bytes - b.flavor.ram_bytes || a.index - b.index);
    const larger = bySize.find(({ flavor }) => flavor.ram_bytes > now.ram_bytes);
    const smaller = bySize.findLast(({ flavor }) => flavor.ram_bytes < now.ram_bytes);
    const project = catalog.projects[table.project[row]];
    const fits = (choice: typeof larger): boolean => {
      if (!choice) return false;
      const { vcpus, ram_bytes } = choice.flavor;
      const more = {
        vcpus: vcpus - now.vcpus,
        ram_bytes: ram_bytes - now.ram_bytes,
        disk_bytes: 0,
      };
      return catalog.allows(project, 0, more, 0);
    };
    const choice = fits(larger) ? larger : fits(smaller) ? smaller : undefined;
    table.newFlavor[row] = choice?.index ?? NOTHING;
    return choice !== undefined;
  }
}
