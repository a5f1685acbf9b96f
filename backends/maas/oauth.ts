/** OAuth 1.0 with PLAINTEXT signatures (RFC 5849, 3.4.4), as the MAAS API wants it. */
import { randomUUID } from 'node:crypto';
import { Secret } from '../secret.ts';

/** An API key as MAAS shows it: `consumer:token:secret`. */
export interface ApiKey {
  readonly consumer: string;
  readonly token: Secret;
  readonly secret: Secret;
}

/** Reads an API key; undefined when it is not one. */
export function parseApiKey(text: string): ApiKey | undefined {
  const parts = text.trim().split(':');
  if (parts.length !== 3 || parts.some((part) => !/^[\x21-\x7e]+$/.test(part))) return undefined;
  const [consumer, token, secret] = parts;
  return { consumer, token: new Secret(token), secret: new Secret(secret) };
}

/**
 * The header `Authorization` of one request. MAAS takes each nonce once, and refuses a time more
 * than 300 s away from its own.
 */
export function oauthHeader(key: ApiKey, now_s: number, nonce: string = randomUUID()): string {
  const fields = {
    oauth_version: '1.0',
    oauth_signature_method: 'PLAINTEXT',
    oauth_consumer_key: key.consumer,
    oauth_token: key.token.reveal(),
    // The consumer of a MAAS key has no secret of its own: what is before the `&` is empty.
    oauth_signature: `&${key.secret.reveal()}`,
    oauth_timestamp: String(Math.floor(now_s)),
    oauth_nonce: nonce,
  };
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${name}="${encodeURIComponent(value)}"`,
  );
  return `OAuth realm="", ${pairs.join(', ')}`;
}
