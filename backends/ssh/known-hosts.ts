/** known_hosts(5): which key a host must show. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownHost {
  readonly marker: '@revoked' | '@cert-authority' | undefined;
  readonly patterns: string;
  readonly key: Buffer;
}

/**
 * `unknown`: no line for the host; `changed`: lines, but none with this key; `certified`: only lines
 * of certificate authorities.
 */
export type Verdict = 'known' | 'unknown' | 'changed' | 'revoked' | 'certified';

/** Reads the text of a known_hosts file; lines that are none are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/[ \t]+/);
    if (fields[0] === '' || fields[0].startsWith('#')) return [];
    const marker = fields[0].startsWith('@') ? (fields.shift() as KnownHost['marker']) : undefined;
    const [patterns, , key] = fields;
    return key === undefined ? [] : [{ marker, patterns, key: Buffer.from(key, 'base64') }];
  });
}

/**
 * Judges the key that a host shows. ssh2 does not negotiate certificates, so a host shows its plain
 * key, for which a certificate authority cannot speak.
 */
export function judge(
  entries: readonly KnownHost[],
  host: string,
  port: number,
  shown: Buffer,
): Verdict {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const own = entries.filter(({ patterns }) => matches(patterns, name));
  const isShown = ({ key }: KnownHost) =>
    key.length === shown.length && timingSafeEqual(key, shown);
  if (own.some((each) => each.marker === '@revoked' && isShown(each))) return 'revoked';
  const plain = own.filter(({ marker }) => marker === undefined);
  if (plain.some(isShown)) return 'known';
  if (plain.length > 0) return 'changed';
  return own.some(({ marker }) => marker === '@cert-authority') ? 'certified' : 'unknown';
}

/** The fingerprint of a key as OpenSSH prints it, such as `SHA256:...`. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Comma-separated patterns with `*`, `?` and `!`, or one hashed name (`|1|SALT|HASH`). */
function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return matchesHash(patterns, name);
  let isMatch = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!glob(isNegated ? pattern.slice(1) : pattern).test(name)) continue;
    if (isNegated) return false;
    isMatch = true;
  }
  return isMatch;
}

function matchesHash(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split('|');
  if (salt === undefined || hash === undefined) return false;
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  const written = Buffer.from(hash, 'base64');
  return own.length === written.length && timingSafeEqual(own, written);
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
