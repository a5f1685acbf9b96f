/** Bundles: several applications with their machines and relations in one YAML file, and overlays. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { FaultError } from '../fault.ts';
import { mistake } from '../mistake.ts';
import { type BundleDocument, withOverlay, withPaths } from './bundle-overlay.ts';
import { jujuFault } from './faults.ts';
import { APPLICATION_NAME } from './params.ts';

const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Documents of one file. */
const DOCUMENTS_MAX = 100;

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
  /** By name: the revision of a resource of Charmhub, instead of the one that goes with the charm. */
  resources: z
    .record(z.string(), z.int('the revision of a resource of Charmhub').min(0))
    .optional(),
  /** Spaces by endpoint; that of the empty name is for all others. */
  bindings: z.record(z.string(), z.string()).optional(),
  storage: z.undefined('storage of a bundle is not asked for').optional(),
  devices: z.undefined('devices of a bundle are not asked for').optional(),
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
  saas: z.undefined('offers of other models are not consumed').optional(),
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

/**
 * Reads a bundle and lays over it what follows in its file, and then the files of `overlays`; paths of
 * charms are relative to the file that names them. Throws JUJU_BAD_CHARM.
 */
export async function readBundle(path: string, overlays: readonly string[] = []): Promise<Bundle> {
  const files = [path, ...overlays];
  const documents: BundleDocument[] = [];
  for (const file of files) documents.push(...documentsOf(await textOf(file), dirname(file)));
  return parseBundle(documents);
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX) throw bad(`${path} is too large`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === undefined ? cause : bad(`${path} cannot be read (${code})`);
  }
}

/** The documents of a file that is in `folder`. */
export function documentsOf(text: string, folder: string): readonly BundleDocument[] {
  let values: readonly unknown[];
  try {
    const documents = [...parseAllDocuments(text, { logLevel: 'silent' })];
    if (documents.length > DOCUMENTS_MAX) throw bad('the bundle has too many documents');
    if (documents.some(({ errors }) => errors.length > 0)) throw bad('the bundle is not YAML');
    values = documents.map((document) => document.toJS());
  } catch (cause) {
    throw cause instanceof FaultError ? cause : bad('the bundle is not YAML');
  }
  const given = values.filter((value) => value !== null); // such as after a last `---`
  return given.map((value) => {
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw bad('a document of the bundle is no mapping');
    }
    return withPaths(value as BundleDocument, (charm) => resolve(folder, charm));
  });
}

/** The first of the documents is the bundle, the others are overlays. Throws JUJU_BAD_CHARM. */
export function parseBundle([bundle, ...overlays]: readonly BundleDocument[]): Bundle {
  const found = bundleShape.safeParse(overlays.reduce(withOverlay, bundle ?? {}));
  if (!found.success) throw bad(`the bundle: ${mistake(found.error.issues[0])}`);
  const { applications, machines = {}, relations = [], 'default-base': base } = found.data;
  return {
    applications: Object.entries(applications).map(([name, each]) => ({
      ...each,
      ...{ name, base: each.base ?? base, units: each.num_units ?? each.scale ?? 0 },
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
