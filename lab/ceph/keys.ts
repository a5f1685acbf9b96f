import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Session } from '../../backends/ceph/session.ts';
import { daemonData } from './paths.ts';

/** A keyring of one user, as Ceph's tools read it. */
export function keyring(name: string, key: string, caps: Readonly<Record<string, string>>): string {
  const lines = Object.entries(caps).map(([service, cap]) => `\tcaps ${service} = "${cap}"\n`);
  return `[${name}]\n\tkey = ${key}\n${lines.join('')}`;
}

/**
 * A secret of cephx: type 1 (AES), the time it was made, its length, and 16 random bytes
 * (CryptoKey::encode).
 */
export function newKey(): string {
  const head = Buffer.alloc(12);
  head.writeUInt16LE(1, 0);
  head.writeUInt32LE(Math.floor(Date.now() / 1000), 2);
  head.writeUInt16LE(16, 10);
  return Buffer.concat([head, randomBytes(16)]).toString('base64');
}

/** Makes a user of the cluster and writes its keyring where its daemon looks for it. */
export async function giveKey(
  session: Session,
  entity: string,
  daemon: string,
  caps: readonly string[],
): Promise<void> {
  const form = z.array(z.object({ key: z.string() })).length(1);
  const [{ key }] = await session.json('auth get-or-create', { entity, caps }, form);
  mkdirSync(daemonData(daemon), { recursive: true });
  const file = join(daemonData(daemon), 'keyring');
  writeFileSync(file, keyring(entity, key, {}), { mode: 0o600 });
}
