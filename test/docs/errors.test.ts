/** No error code is undocumented, and none is documented that nothing throws. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { httpFaults } from '../../backends/http.ts';
import { ERROR_SECTIONS } from '../../docs/generator/errors-page.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['model', 'engine', 'sim', 'backends', 'scenarios', 'viz', 'cli', 'lab', 'bench'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
);

const documented = new Set(ERROR_SECTIONS.flatMap(({ codes }) => Object.keys(codes)));

/** The first argument of an error's constructor, and of functions that make errors or faults. */
const THROWN = /\b(?:new \w*Error|\w*(?:[eE]rror|[fF]aulty?|[pP]roblem))\(\s*'([A-Z][A-Z0-9_]+)'/g;
/** A code as a property: of a fault, or in a table. */
const PROPERTY = /\bcode: '([A-Z][A-Z0-9_]+)'/g;
/** Anything that begins like a documented code. */
const PREFIXES = new Set([...documented].map((code) => code.slice(0, code.indexOf('_') + 1)));
const LITERAL = /'([A-Z][A-Z0-9]*_)([A-Z0-9_]+)'/g;
/** What begins like one of our codes: variables of the real systems, and prefixes of codes. */
const NOT_OURS = [
  ...['LIBVIRT_DEFAULT_URI', 'CEPH_ARGS', 'CEPH_CONF', 'CEPH_RGW'],
  ...['IPMI_PASSWORD', 'IRONIC_RESCUE_PASSWORD', 'REDFISH_PASSWORD'],
  ...['MAAS_API_KEY', 'MAAS_API_URL', 'SSH_AUTH_SOCK'],
  ...['JUJU_CONTROLLER', 'JUJU_DATA', 'JUJU_MODEL'],
  ...['OVN_NBCTL_OPTIONS', 'OVN_NB_DB', 'OVN_SB_DB', 'OVN_RUNDIR', 'OVS_RUNDIR'],
];

function found(pattern: RegExp): string[] {
  return sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1]));
}

it('documents every code that is thrown', () => {
  const codes = [...found(THROWN), ...found(PROPERTY)].filter((code) => code.includes('_'));
  expect(codes.length).toBeGreaterThan(50);
  const ours = codes.filter((code) => !NOT_OURS.includes(code));
  expect([...new Set(ours)].filter((code) => !documented.has(code)).sort()).toEqual([]);
});

it('documents every code of a family', () => {
  const literals = sources.flatMap((text) =>
    [...text.matchAll(LITERAL)]
      .filter(([, prefix]) => PREFIXES.has(prefix))
      .map(([, prefix, rest]) => prefix + rest)
      .filter((code) => !NOT_OURS.includes(code)),
  );
  expect([...new Set(literals)].filter((code) => !documented.has(code)).sort()).toEqual([]);
});

it('documents no code that is not in the sources', () => {
  const all = sources.join('\n');
  // Drivers that speak HTTP have its faults under a prefix of their own.
  const made = [...all.matchAll(/httpFaults\(\s*'([A-Z]+)'/g)].flatMap(([, prefix]) =>
    Object.keys(httpFaults(prefix, '')),
  );
  const isThere = (code: string) => made.includes(code) || new RegExp(`\\b${code}\\b`).test(all);
  expect([...documented].filter((code) => !isThere(code))).toEqual([]);
});

it('documents each code once, with a meaning and advice', () => {
  const all = ERROR_SECTIONS.flatMap(({ codes }) => Object.entries(codes));
  expect(all.length).toBe(documented.size);
  expect(all.filter(([, { meaning, advice }]) => !meaning || !advice)).toEqual([]);
});
