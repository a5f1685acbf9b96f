/**
 * Finds and reads the configuration of a cloud as openstacksdk does: clouds.yaml and secure.yaml in
 * the working folder, ~/.config/openstack and /etc/openstack, and the OS_* variables of an RC file
 * (docs.openstack.org/openstacksdk, "Configuring OpenStack SDK Applications").
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { Secret } from '../secret.ts';
import type { Cloud, Credentials, Named, Scope } from './cloud.ts';
import { isObject, openstackFault } from './faults.ts';

export interface CloudChoice {
  /** A cloud of clouds.yaml; else OS_CLOUD, else the OS_* variables, else the only cloud there is. */
  readonly cloud?: string;
  readonly region?: string;
  readonly interface?: string;
}

type Env = Readonly<Record<string, string | undefined>>;
type Settings = Readonly<Record<string, unknown>>;

/** Throws OPENSTACK_NO_CLOUD or OPENSTACK_BAD_CONFIG. */
export async function readCloud(choice: CloudChoice, env: Env): Promise<Cloud> {
  const name = choice.cloud ?? env['OS_CLOUD'];
  const fromEnv = name === undefined || name === 'envvars' ? envSettings(env) : undefined;
  if (fromEnv) return cloudOf('envvars', withChoice(fromEnv, choice), '.');
  const files = await readFiles(env);
  const names = Object.keys(files.clouds);
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) {
    const found = names.length === 0 ? 'there is no clouds.yaml' : `it has ${names.join(', ')}`;
    throw openstackFault('OPENSTACK_NO_CLOUD', `none is named, and ${found}`);
  }
  const settings = files.clouds[chosen];
  if (!isObject(settings)) {
    const known = names.length === 0 ? 'there is no clouds.yaml' : `known: ${names.join(', ')}`;
    throw openstackFault('OPENSTACK_NO_CLOUD', `cloud "${chosen}"; ${known}`);
  }
  return cloudOf(chosen, withChoice(settings, choice), files.folder);
}

function withChoice(settings: Settings, { region, interface: side }: CloudChoice): Settings {
  return {
    ...settings,
    ...(region !== undefined && { region_name: region }),
    ...(side !== undefined && { interface: side }),
  };
}

// ---------------------------------------------------------------- files

interface Files {
  readonly clouds: Record<string, unknown>;
  /** Of clouds.yaml; paths in it are relative to it. */
  readonly folder: string;
}

async function readFiles(env: Env): Promise<Files> {
  const clouds = await firstFile('clouds', env['OS_CLIENT_CONFIG_FILE'], env);
  if (!clouds) return { clouds: {}, folder: '.' };
  const secure = await firstFile('secure', env['OS_CLIENT_SECURE_FILE'], env);
  const [own, hidden] = [cloudsOf(clouds), secure ? cloudsOf(secure) : {}];
  return { clouds: joined(own, hidden), folder: dirname(clouds.path) };
}

interface File {
  readonly path: string;
  readonly text: string;
}

async function firstFile(
  name: string,
  chosen: string | undefined,
  env: Env,
): Promise<File | undefined> {
  const config = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  const folders = ['.', join(config, 'openstack'), '/etc/openstack'];
  const usual = folders.flatMap((folder) =>
    [`${name}.yaml`, `${name}.yml`].map((file) => join(folder, file)),
  );
  for (const path of chosen === undefined ? usual : [chosen]) {
    try {
      return { path: resolve(path), text: await readFile(path, 'utf8') };
    } catch (cause) {
      const { code } = cause as { code?: string };
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        throw openstackFault('OPENSTACK_BAD_CONFIG', `${path} cannot be read: ${code}`);
      }
    }
  }
  return undefined;
}

/** The parser's own message may quote the line, and the line may hold a password. */
function cloudsOf({ path, text }: File): Record<string, unknown> {
  let read: unknown;
  try {
    read = parse(text);
  } catch (cause) {
    const { linePos } = cause as { linePos?: readonly { line: number }[] };
    const line = linePos?.[0]?.line;
    throw openstackFault('OPENSTACK_BAD_CONFIG', `${path} is not YAML, line ${line ?? 'unknown'}`);
  }
  const clouds = isObject(read) ? read['clouds'] : undefined;
  if (isObject(clouds)) return clouds;
  throw openstackFault('OPENSTACK_BAD_CONFIG', `${path} has no mapping \`clouds\``);
}

/** Joins two trees; the second one counts where both have something. */
function joined(a: Settings, b: Settings): Record<string, unknown> {
  const all: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const own = all[key];
    all[key] = isObject(own) && isObject(value) ? joined(own, value) : value;
  }
  return all;
}

// ---------------------------------------------------------------- environment

/** Variables that are not about signing in. */
const ENV_SETTINGS = [
  ...['region_name', 'interface', 'auth_type', 'identity_api_version'],
  ...['cacert', 'cert', 'key', 'verify', 'insecure'],
];
/** Variables that only say where to look for configuration. */
const ENV_NOT_AUTH = new Set([
  ...ENV_SETTINGS,
  'cloud',
  'client_config_file',
  'client_secure_file',
]);

function envSettings(env: Env): Settings | undefined {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('OS_') && value) all[name.slice(3).toLowerCase()] = value;
  }
  if (all['auth_url'] === undefined) return undefined;
  const auth: Record<string, string> = {};
  const settings: Record<string, unknown> = { auth };
  for (const [name, value] of Object.entries(all)) {
    if (ENV_SETTINGS.includes(name) || OTHER_SETTING.test(name)) settings[name] = value;
    else if (!ENV_NOT_AUTH.has(name)) auth[name] = value;
  }
  // The name that RC files of Horizon give it.
  settings['interface'] ??= all['endpoint_type'];
  return settings;
}

const OTHER_SETTING = /_endpoint_override$|_default_microversion$|_api_version$/;

// ---------------------------------------------------------------- a cloud

async function cloudOf(name: string, settings: Settings, folder: string): Promise<Cloud> {
  const auth = isObject(settings['auth']) ? settings['auth'] : {};
  const bad = (what: string) => openstackFault('OPENSTACK_BAD_CONFIG', `cloud "${name}": ${what}`);
  const auth_url = textOf(auth['auth_url']);
  if (auth_url === undefined) throw bad('auth.auth_url is missing');
  if (!URL.canParse(auth_url)) throw bad('auth.auth_url is not a URL');
  const credentials = credentialsOf(textOf(settings['auth_type']), auth, bad);
  const cacert = textOf(settings['cacert']);
  const client = await readClient(settings, folder, bad);
  return {
    name,
    auth_url: auth_url.replace(/\/+$/, ''),
    credentials,
    scope: credentials.method === 'application_credential' ? { type: 'unscoped' } : scopeOf(auth),
    region: textOf(settings['region_name']),
    interface: interfaceOf(textOf(settings['interface']), bad),
    ...(cacert !== undefined && { ca: await readPem('cacert', resolve(folder, cacert), bad) }),
    ...(client && { client }),
    verify: isVerified(settings),
    endpoints: suffixed(settings, '_endpoint_override'),
    microversions: suffixed(settings, '_default_microversion'),
  };
}

type Bad = (what: string) => Error;

/** The plugins of keystoneauth, and the method of the API that each stands for. */
const METHODS: Readonly<Record<string, Credentials['method']>> = {
  password: 'password',
  v3password: 'password',
  v3applicationcredential: 'application_credential',
  token: 'token',
  v3token: 'token',
};

function credentialsOf(type: string | undefined, auth: Settings, bad: Bad): Credentials {
  const method = METHODS[type ?? impliedType(auth)];
  const secret = (field: string): Secret => {
    const value = textOf(auth[field]);
    if (value === undefined) throw bad(`auth.${field} is missing`);
    return new Secret(value);
  };
  switch (method) {
    case 'password':
      return { method, user: userOf(auth, bad), password: secret('password') };
    case 'application_credential': {
      const id = textOf(auth['application_credential_id']);
      const named = textOf(auth['application_credential_name']);
      if (id === undefined && named === undefined) {
        throw bad('auth.application_credential_id is missing');
      }
      const credential = id === undefined ? { name: named } : { id };
      const user = id === undefined ? userOf(auth, bad) : undefined;
      return { method, credential, user, secret: secret('application_credential_secret') };
    }
    case 'token':
      return { method, token: secret('token') };
    default:
      throw bad(`auth_type "${type}" is not supported: use ${Object.keys(METHODS).join(', ')}`);
  }
}

/** What the given fields can only mean, where no auth_type is given. */
function impliedType(auth: Settings): string {
  if (textOf(auth['application_credential_secret']) !== undefined) return 'v3applicationcredential';
  return textOf(auth['token']) !== undefined ? 'v3token' : 'password';
}

function userOf(auth: Settings, bad: Bad): Named {
  const user = named(auth, 'user', textOf(auth['username']));
  if (user.id === undefined && user.name === undefined) throw bad('auth.username is missing');
  return user;
}

function scopeOf(auth: Settings): Scope {
  if (textOf(auth['system_scope']) === 'all') return { type: 'system' };
  const project = named(auth, 'project', textOf(auth['project_name'] ?? auth['tenant_name']));
  if (project.id !== undefined || project.name !== undefined) return { type: 'project', project };
  const domain = { id: textOf(auth['domain_id']), name: textOf(auth['domain_name']) };
  if (domain.id !== undefined || domain.name !== undefined) return { type: 'domain', domain };
  return { type: 'unscoped' };
}

/** A user or project: an id needs no domain, a name has one. */
function named(auth: Settings, what: 'user' | 'project', name: string | undefined): Named {
  const id = textOf(auth[`${what}_id`]);
  if (id !== undefined) return { id };
  if (name === undefined) return {};
  const domainId = textOf(auth[`${what}_domain_id`]) ?? textOf(auth['default_domain_id']);
  if (domainId !== undefined) return { name, domain: { id: domainId } };
  const domainName = textOf(auth[`${what}_domain_name`]) ?? textOf(auth['default_domain_name']);
  return { name, domain: domainName === undefined ? { id: 'default' } : { name: domainName } };
}

function interfaceOf(text: string | undefined, bad: Bad): Cloud['interface'] {
  const side = (text ?? 'public').replace(/URL$/, '');
  if (side === 'public' || side === 'internal' || side === 'admin') return side;
  throw bad(`interface "${text}" is none of public, internal, admin`);
}

/** `verify: false`, or `insecure: true` as RC files have it, which also write it as text. */
function isVerified({ verify = true, insecure = false }: Settings): boolean {
  const isOn = (value: unknown) => !/^(false|0|no|)$/i.test(String(value));
  return isOn(verify) && !isOn(insecure);
}

/** The user's own certificate; its key may stand in the same file. */
async function readClient(
  settings: Settings,
  folder: string,
  bad: Bad,
): Promise<Cloud['client'] | undefined> {
  const [cert, key] = [textOf(settings['cert']), textOf(settings['key'])];
  if (cert === undefined && key !== undefined) throw bad('cert is missing, but there is a key');
  if (cert === undefined) return undefined;
  const pem = await readPem('cert', resolve(folder, cert), bad);
  const secret = key === undefined ? pem : await readPem('key', resolve(folder, key), bad);
  const what = `${key === undefined ? 'cert' : 'key'} ${resolve(folder, key ?? cert)}`;
  if (!secret.includes('PRIVATE KEY-----')) throw bad(`${what} holds no private key`);
  return { cert: pem, key: new Secret(secret) };
}

async function readPem(field: string, path: string, bad: Bad): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw bad(`${field} ${path} cannot be read: ${(cause as { code?: string }).code}`);
  }
}

/** Settings such as `compute_endpoint_override`, by the service type before the suffix. */
function suffixed(settings: Settings, suffix: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const text = textOf(value);
    if (key.endsWith(suffix) && text !== undefined) {
      found[key.slice(0, -suffix.length).replaceAll('_', '-')] = text;
    }
  }
  return found;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
