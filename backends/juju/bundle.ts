/** Bundles: several applications with their machines and relations in one YAML file. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { isLocalCharm } from './charms.ts';
import { jujuFault } from './faults.ts';
import { APPLICATION_NAME } from './params.ts';

const FILE_BYTES_MAX = 4 * 1024 * 1024;

const setting = z.union([z.string(), z.number(), z.boolean()]);
const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((to) => [to].flat());

const applicationShape = z.object({
  charm: z.string().min(1),
  channel: z.string().optional(),
  revision: z.int().min(0).optional(),
  base: z.string().optional(),
  num_units: z.int().min(0).optional(),
  scale: z.int().min(0).optional(),
  to: oneOrMore.optional(),
  options: z.record(z.string(), setting).optional(),
  constraints: z.string().optional(),
  expose: z.boolean().optional(),
  trust: z.boolean().optional(),
});

const bundleShape = z.object({
  'default-base': z.string().optional(),
  applications: z.record(z.string().regex(APPLICATION_NAME), applicationShape),
  machines: z
    .record(
      z.string(),
      z.object({ base: z.string().optional(), constraints: z.string().optional() }).nullish(),
    )
    .optional(),
  relations: z.array(z.tuple([z.string(), oneOrMore])).optional(),
});

export interface BundleApplication extends z.infer<typeof applicationShape> {
  readonly name: string;
  readonly units: number;
}

export interface Bundle {
  readonly applications: readonly BundleApplication[];
  readonly machines: readonly {
    readonly name: string;
    readonly base?: string;
    readonly constraints?: string;
  }[];
  /** `a:db b:server`. */
  readonly relations: readonly string[];
}

/** Reads a bundle; paths of charms in it are relative to it. Throws JUJU_BAD_CHARM. */
export async function readBundle(path: string): Promise<Bundle> {
  let text: string;
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX) throw bad(`${path} is too large`);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === undefined ? cause : bad(`${path} cannot be read (${code})`);
  }
  return parseBundle(text, dirname(path));
}

export function parseBundle(text: string, folder: string): Bundle {
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'silent' });
  } catch {
    throw bad('the bundle is not YAML');
  }
  const found = bundleShape.safeParse(value);
  if (!found.success) {
    const [{ message, path }] = found.error.issues;
    throw bad(`the bundle: ${path.join('.') || 'it'}: ${message}`);
  }
  const { applications, machines = {}, relations = [], 'default-base': base } = found.data;
  return {
    applications: Object.entries(applications).map(([name, each]) => ({
      ...each,
      ...{ name, base: each.base ?? base, units: each.num_units ?? each.scale ?? 0 },
      charm: isLocalCharm(each.charm) ? resolve(folder, each.charm) : each.charm,
    })),
    machines: Object.entries(machines).map(([name, each]) => ({ name, ...each })),
    relations: relations.flatMap(([one, others]) => others.map((other) => `${one} ${other}`)),
  };
}

/** Where units go: machines of the bundle by their numbers there, all else as it is. */
export function placementsOf(
  to: readonly string[],
  machines: ReadonlyMap<string, string>,
): readonly string[] {
  return to.map((each) => {
    const colon = each.indexOf(':');
    const [prefix, machine] = [each.slice(0, colon + 1), each.slice(colon + 1)];
    if (machine === 'new') return prefix === '' ? 'new' : prefix.slice(0, -1);
    return `${prefix}${machines.get(machine) ?? machine}`;
  });
}

function bad(what: string) {
  return jujuFault('JUJU_BAD_CHARM', what);
}
