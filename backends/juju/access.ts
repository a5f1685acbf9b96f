/**
 * Finds the controller, the account and the model as the juju client does: controllers.yaml,
 * accounts.yaml and models.yaml in JUJU_DATA or ~/.local/share/juju, and JUJU_CONTROLLER and
 * JUJU_MODEL (juju.is/docs: "Configuration files", "Environment variables").
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type ZodType, z } from 'zod';
import { Secret } from '../secret.ts';
import { jujuFault } from './faults.ts';

export interface Account {
  /** `admin`, or `bob@external`. */
  readonly user: string;
  readonly password: Secret;
}

/** How the API of a controller is reached. */
export interface JujuAccess {
  readonly controller: string;
  /** `HOST:PORT`, any of which may answer. */
  readonly endpoints: readonly string[];
  /** PEM of the controller's own authority; absent for those with a public certificate. */
  readonly ca?: string;
  readonly account: Account;
  /** What the controller ran when the client spoke to it last. */
  readonly agentVersion?: string;
  /** `MODEL` or `OWNER/MODEL`; undefined when none is chosen. */
  readonly model?: string;
}

export interface JujuChoice {
  readonly controller?: string;
  readonly model?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const PUBLIC_PORT = 443;
/** The client's own limit would be memory; these files have some kilobytes. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

const controllersFile = z.object({
  controllers: z.record(
    z.string(),
    z.object({
      'api-endpoints': z.array(z.string()).nullish(),
      'public-hostname': z.string().nullish(),
      'ca-cert': z.string().nullish(),
      'agent-version': z.string().nullish(),
    }),
  ),
  'current-controller': z.string().nullish(),
});

const accountsFile = z.object({
  controllers: z.record(
    z.string(),
    z.object({ user: z.string().min(1), password: z.string().nullish() }),
  ),
});

const modelsFile = z.object({
  controllers: z.record(z.string(), z.object({ 'current-model': z.string().nullish() })),
});

/** Throws JUJU_BAD_CONFIG. */
export async function readAccess(choice: JujuChoice, env: Env): Promise<JujuAccess> {
  const folder = env['JUJU_DATA'] || join(env['HOME'] ?? homedir(), '.local', 'share', 'juju');
  const [fromModel, model] = modelChoice(choice.model ?? env['JUJU_MODEL']);
  const known = await file(folder, 'controllers.yaml', controllersFile);
  const named = choice.controller ?? fromModel ?? env['JUJU_CONTROLLER'];
  const name = named || (known['current-controller'] ?? '');
  const controller = Object.hasOwn(known.controllers, name) ? known.controllers[name] : undefined;
  if (!controller) {
    const all = Object.keys(known.controllers).join(', ') || 'none';
    throw badConfig(
      name === '' ? `no controller is chosen; known: ${all}` : `no ${name} in ${all}`,
    );
  }
  const endpoints = endpointsOf(controller['public-hostname'], controller['api-endpoints']);
  if (endpoints.length === 0) throw badConfig(`${name} has no api-endpoints`);
  const ca = controller['ca-cert']?.trim();
  const agentVersion = controller['agent-version'];
  const chosen = model ?? (await currentModel(folder, name));
  return {
    controller: name,
    endpoints,
    ...(ca && { ca: `${ca}\n` }),
    account: await account(folder, name),
    ...(agentVersion && { agentVersion }),
    ...(chosen !== undefined && { model: chosen }),
  };
}

/** `CONTROLLER:MODEL`, as JUJU_MODEL and `-m` have it; the controller may be left out. */
function modelChoice(text: string | undefined): [string | undefined, string | undefined] {
  if (!text) return [undefined, undefined];
  const colon = text.indexOf(':');
  if (colon < 0) return [undefined, text];
  return [text.slice(0, colon) || undefined, text.slice(colon + 1) || undefined];
}

function endpointsOf(
  publicName: string | null | undefined,
  listed: readonly string[] | null | undefined,
): readonly string[] {
  const named = publicName ? [`${publicName}:${PUBLIC_PORT}`] : [];
  const all = [...named, ...(listed ?? [])].map((each) => each.trim());
  const bad = all.find((each) => !ENDPOINT.test(each));
  if (bad !== undefined) throw badConfig(`${JSON.stringify(bad)} is no HOST:PORT`);
  return [...new Set(all)];
}

const ENDPOINT = /^(\[[0-9a-fA-F:.]+(%[\w.-]+)?\]|[A-Za-z0-9_.-]+):\d{1,5}$/;

async function account(folder: string, controller: string): Promise<Account> {
  const { controllers } = await file(folder, 'accounts.yaml', accountsFile);
  const found = Object.hasOwn(controllers, controller) ? controllers[controller] : undefined;
  if (!found) throw badConfig(`accounts.yaml has no account of ${controller}`);
  if (!found.password) {
    throw badConfig(`accounts.yaml has no password of ${found.user} on ${controller}`);
  }
  return { user: found.user, password: new Secret(found.password) };
}

async function currentModel(folder: string, controller: string): Promise<string | undefined> {
  const models = await file(folder, 'models.yaml', modelsFile, { controllers: {} });
  const found = Object.hasOwn(models.controllers, controller)
    ? models.controllers[controller]
    : undefined;
  return found?.['current-model'] || undefined;
}

/** Reads one of the files; what is wrong with it is told without its text, which holds secrets. */
async function file<T>(folder: string, name: string, shape: ZodType<T>, missing?: T): Promise<T> {
  const path = join(folder, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && missing !== undefined) return missing;
    throw badConfig(`${path} cannot be read (${code})`);
  }
  if (text.length > FILE_BYTES_MAX) throw badConfig(`${path} is too large`);
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'silent' });
  } catch {
    throw badConfig(`${path} is not YAML`);
  }
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  throw badConfig(`${path}: ${read.error.issues[0].path.join('.') || 'it'} is not as expected`);
}

function badConfig(what: string) {
  return jujuFault('JUJU_BAD_CONFIG', what);
}
