/** Every entry of the built-in timing profiles, with its source. */
import { KINDS } from '../../model/index.ts';
import { LAYERS } from '../../model/layers.ts';
import { BUILT_IN_PROFILES } from '../../sim/profiles/index.ts';
import { bullets, code, page, table } from './markdown.ts';
import { lengthText } from './timing.ts';

const INTRODUCTION = `How long things take is data. A profile names a distribution for every verb (\`kind.verb\`), every
timeout (\`kind.timeout\`) and some other quantities that a simulated control plane draws. A scenario
picks one with \`profile\` and replaces single entries under \`profiles\`.

- \`lab\`: what was measured on the real servers of the lab, small and on two cores.
- \`datacenter\`: defaults and figures published for production systems.

Every entry says where it comes from. "assumption" means that nobody measured it: replace it where it
matters to you.`;

export function profilesPage(): string {
  return page(
    'Timing profiles',
    INTRODUCTION,
    bullets(Object.entries(BUILT_IN_PROFILES).map(([name, all]) => summary(name, all))),
    ...LAYERS.flatMap((layer) => {
      const kinds = KINDS.filter((k) => k.layer === layer).map((k) => k.kind);
      const rows = kinds.flatMap(rowsOf);
      return rows.length === 0
        ? []
        : [`## ${layer}`, table(['entry', 'profile', 'length', 'source'], rows)];
    }),
  );
}

function summary(name: string, timings: (typeof BUILT_IN_PROFILES)[string]): string {
  const all = Object.values(timings);
  const count = (pattern: RegExp) => all.filter((t) => pattern.test(t.source)).length;
  const measured = count(/^measured/);
  const assumed = count(/^assumption/);
  const rest = all.length - measured - assumed;
  return `${code(name)}: ${all.length} entries, ${measured} measured, ${rest} published or configured, ${assumed} assumed`;
}

function rowsOf(kind: string): string[][] {
  const keys = new Set<string>();
  for (const timings of Object.values(BUILT_IN_PROFILES)) {
    for (const key of Object.keys(timings)) if (key.startsWith(`${kind}.`)) keys.add(key);
  }
  return [...keys].flatMap((key) =>
    Object.entries(BUILT_IN_PROFILES).flatMap(([name, timings]) => {
      const timing = timings[key];
      return timing ? [[code(key), code(name), lengthText(key, timing), timing.source]] : [];
    }),
  );
}
