/** What a user may ask for: events of the machines, and all that a driver has a verb for. */
import { describe, expect, it } from 'vitest';
import { verbsByKind } from '../../docs/generator/opened-drivers.ts';
import { DRIVER_NAMES } from '../../model/drivers.ts';
import { KINDS } from '../../model/index.ts';
import type { KindDefinition, StateConfig } from '../../model/kind.ts';
import { OPERATIONS } from '../../model/operations.ts';

/** Steps of the systems themselves, which a driver can take too when a machine requests them. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  server: ['offload'],
  pod: ['back_off'],
  unit: ['config_changed', 'relation_changed'],
};
/** What an entity hears of what it needs, and of its own requests. */
const NEWS = ['done', 'fault', 'lost', 'restored'];

function eventsOf({ machine }: KindDefinition): Set<string> {
  const visit = (state: StateConfig): string[] => [
    ...Object.keys(state.on ?? {}),
    ...Object.values(state.states ?? {}).flatMap(visit),
  ];
  return new Set(visit(machine));
}

describe('what may be asked', () => {
  it('is of kinds that exist', () => {
    const names = KINDS.map(({ kind }) => kind);
    expect(Object.keys(OPERATIONS).filter((kind) => !names.includes(kind))).toEqual([]);
  });

  it.each(KINDS.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
    const asked = OPERATIONS[name] ?? [];
    const events = eventsOf(kind);
    expect(asked.filter((event) => !events.has(event))).toEqual([]);
    expect(asked.filter((event) => NEWS.includes(event))).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('is all that a driver has a verb for, if its machine knows it', async () => {
    const missing: string[] = [];
    for (const driver of DRIVER_NAMES) {
      const offered = await verbsByKind(
        driver,
        KINDS.map(({ kind }) => kind),
      );
      for (const kind of KINDS) {
        const events = eventsOf(kind);
        const known = [...(OPERATIONS[kind.kind] ?? []), ...(STEPS[kind.kind] ?? [])];
        for (const verb of offered.get(kind.kind) ?? []) {
          if (events.has(verb) && !known.includes(verb)) missing.push(`${kind.kind}.${verb}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });
});
