/** The table of what drivers can do beside the machines says what the drivers offer, and no more. */
import { describe, expect, it } from 'vitest';
import { verbsByKind } from '../../docs/generator/opened-drivers.ts';
import { compileModel } from '../../engine/compile.ts';
import { FURTHER_VERBS, furtherVerbs } from '../../model/driver-verbs.ts';
import { DRIVER_NAMES } from '../../model/drivers.ts';
import { KINDS } from '../../model/index.ts';
import type { StateConfig } from '../../model/kind.ts';

const REQUESTED = new Set(compileModel(KINDS, []).verbNames);

function eventsOf(state: StateConfig): readonly string[] {
  return [...Object.keys(state.on ?? {}), ...Object.values(state.states ?? {}).flatMap(eventsOf)];
}

describe('verbs beside the machines', () => {
  it.each(DRIVER_NAMES)('of %s are what it offers and no machine knows', async (name) => {
    const offered = await verbsByKind(
      name,
      KINDS.map(({ kind }) => kind),
    );
    const further = KINDS.flatMap(({ kind, machine }) => {
      const known = eventsOf(machine);
      const isFurther = (verb: string) =>
        !known.includes(verb) && !REQUESTED.has(`${kind}.${verb}`);
      const verbs = (offered.get(kind) ?? []).filter(isFurther);
      return verbs.length > 0 ? [[kind, verbs] as const] : [];
    });
    const table: Readonly<Record<string, object>> = FURTHER_VERBS;
    expect(table[name] ?? {}).toEqual(Object.fromEntries(further));
  });

  it('are joined by kind', () => {
    expect(furtherVerbs('machine')).toContain('set_owner_data');
    expect(furtherVerbs('machine')).toContain('soft_off');
    expect(new Set(furtherVerbs('machine')).size).toBe(furtherVerbs('machine').length);
    expect(furtherVerbs('no such kind')).toEqual([]);
  });
});
