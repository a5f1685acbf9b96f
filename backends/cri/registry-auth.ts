import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import { criFault } from './faults.ts';
import { jsonOf } from './requests.ts';

const fileShape = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
      }),
    )
    .default({}),
});

export interface RegistryAuth {
  readonly username: string;
  readonly password: Secret;
}

/** Registry that a reference without a host means. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * Credentials for the registry of an image, from where Docker and the kubelet keep them:
 * `config.json` in DOCKER_CONFIG or ~/.docker. Undefined when there are none.
 */
export async function registryAuth(
  image: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryAuth | undefined> {
  const file = join(env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw criFault('CRI_BAD_REGISTRY_CONFIG', file);
  }
  const read = fileShape.safeParse(jsonOf(text));
  if (!read.success) throw criFault('CRI_BAD_REGISTRY_CONFIG', file);
  const entry = read.data.auths[registryOf(image)];
  if (!entry) return undefined;
  const pair = new Secret(entry.auth ?? '');
  const [username, ...password] = Buffer.from(pair.reveal(), 'base64').toString().split(':');
  return {
    username: entry.username ?? username,
    password: new Secret(entry.password ?? password.join(':')),
  };
}

/** The registry of a reference: its first part when that can be a host. */
export function registryOf(image: string): string {
  const [first, ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : DOCKER_HUB;
}
