/**
 * What scenarios call machines: Juju numbers them, so the name is kept with the machine as an
 * annotation. Machines without one go by their number.
 */
import { z } from 'zod';
import { MACHINE_ID } from './constraints.ts';
import type { Controller } from './controller.ts';
import { machineTag } from './inventory.ts';
import { check } from './results.ts';
import type { Call } from './rpc.ts';
import { read } from './shape.ts';

const ANNOTATION = 'strata-name';

const annotationsShape = z.object({
  results: z
    .array(
      z.object({
        entity: z.string(),
        annotations: z.record(z.string(), z.string()).nullish(),
      }),
    )
    .nullish(),
});

export class MachineNames {
  readonly #controller: Controller;
  /** By number; `undefined` for those that have no name. */
  #names = new Map<string, string | undefined>();
  #model: string | undefined;

  constructor(controller: Controller) {
    this.#controller = controller;
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** The number of a machine; undefined when no machine has that name. */
  idOf(name: string): string | undefined {
    for (const [id, each] of this.#names) if (each === name) return id;
    return MACHINE_ID.test(name) ? name : undefined;
  }

  /** Asks for the names of machines that were not asked for yet; numbers are never used again. */
  async learn(ids: readonly string[]): Promise<void> {
    if (this.#model !== this.#controller.modelUuid) this.#names = new Map();
    this.#model = this.#controller.modelUuid;
    const strange = ids.filter((id) => !this.#names.has(id));
    if (strange.length === 0) return;
    const call = { about: 'the names of machines' };
    const facade = await this.#controller.modelFacade('Annotations', call);
    const entities = strange.map((id) => ({ tag: machineTag(id) }));
    const { results } = read(annotationsShape, await facade.get({ entities }), 'annotations');
    for (const id of strange) {
      const found = results?.find(({ entity }) => entity === machineTag(id));
      // Whoever named it meanwhile knows better.
      if (!this.#names.has(id)) this.#names.set(id, found?.annotations?.[ANNOTATION]);
    }
  }

  async set(id: string, name: string, call: Call): Promise<void> {
    this.#names.set(id, name);
    const facade = await this.#controller.modelFacade('Annotations', call);
    const annotations = [{ entity: machineTag(id), annotations: { [ANNOTATION]: name } }];
    check((await facade.set({ annotations })).results, name);
  }
}
