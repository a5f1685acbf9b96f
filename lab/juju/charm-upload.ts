/** `PUT /model-UUID/charms/NAME-HASH`: a packed charm, by HTTP with the user's password. */
import type { IncomingMessage } from 'node:http';
import type { Account } from './account.ts';
import { type Charm, charmOf } from './charm.ts';
import type { ModelRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

export interface UploadAnswer {
  readonly status: number;
  readonly url?: string;
  readonly body: object;
}

const CHARM_BYTES_MAX = 64 * 1024 * 1024;

export async function takeCharm(
  world: World,
  accounts: readonly Account[],
  request: IncomingMessage,
): Promise<UploadAnswer> {
  try {
    const data = await bodyOf(request);
    const [, uuid, name, hash] =
      /^\/model-([0-9a-f-]{36})\/charms\/([a-z0-9-]+)-([0-9a-f]{7})$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'PUT' || uuid === undefined)
      return refused(404, 'not found', 'not found');
    const account = accountOf(accounts, request.headers.authorization);
    if (!account) return refused(401, 'unauthorized access', 'invalid entity name or password');
    if (account.models === 'read') return refused(403, 'forbidden', 'permission denied');
    const charm = await charmOf(data);
    if (!charm.sha256.startsWith(hash) || charm.name !== name) {
      return refused(400, 'bad request', 'the hash is not that of the charm');
    }
    return { status: 200, url: keep(world.model(uuid), charm), body: {} };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) return refused(500, '', (thrown as Error).message);
    return refused(thrown.code === 'model not found' ? 404 : 400, thrown.code, thrown.message);
  }
}

function refused(status: number, code: string, message: string): UploadAnswer {
  return { status, body: { error: message, 'error-code': code } };
}

/** The same charm again keeps its URL; another one gets the next revision. */
function keep({ charms }: ModelRecord, charm: Charm): string {
  const known = [...charms].filter(
    ([url, { name }]) => url.startsWith('local:') && name === charm.name,
  );
  const same = known.find(([, { sha256 }]) => sha256 === charm.sha256)?.[0];
  const url = same ?? `local:${charm.name}-${known.length}`;
  charms.set(url, charm);
  return url;
}

function accountOf(accounts: readonly Account[], header = ''): Account | undefined {
  const pair = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  return accounts.find(({ password, user }) => pair === `user-${user}:${password}`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size_bytes = 0;
  for await (const chunk of request) {
    size_bytes += (chunk as Buffer).length;
    if (size_bytes > CHARM_BYTES_MAX) throw new Refusal('bad request', 'the charm is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
