/** What a region refuses of an OAuth header: MAAS' rules, RFC 5849 with PLAINTEXT. */

/** Who a key belongs to. */
export interface Account {
  readonly username: string;
  readonly isAdmin: boolean;
  /** `consumer:token:secret`. */
  readonly key: string;
}

/** How far the clock of a client may be behind. */
const SKEW_S_MAX = 300;

export class OAuthCheck {
  readonly #accounts: readonly Account[];
  readonly #now_s: () => number;
  /** Nonces with the time until which they are remembered. */
  readonly #nonces = new Map<string, number>();

  constructor(accounts: readonly Account[], now_s: () => number) {
    this.#accounts = accounts;
    this.#now_s = now_s;
  }

  /** The account of a request, or the text of a 401. */
  check(header: string | undefined): Account | string {
    const fields = fieldsOf(header ?? '');
    if (!fields) return 'Forbidden';
    const account = this.#accounts.find(({ key }) => {
      const [consumer, token] = key.split(':');
      return fields.get('oauth_consumer_key') === consumer && fields.get('oauth_token') === token;
    });
    if (!account) return 'Authorization Error: Invalid API key.';
    const [, , secret] = account.key.split(':');
    if (fields.get('oauth_signature') !== `&${secret}`) {
      // As MAAS does: whoever has the token is told the secret.
      return refused(`Invalid signature. Expected signature base string: &${secret}`);
    }
    if (fields.get('oauth_signature_method') !== 'PLAINTEXT') return 'Unsupported signature method';
    return this.#timeAndNonce(fields) ?? account;
  }

  #timeAndNonce(fields: ReadonlyMap<string, string>): string | undefined {
    const now_s = this.#now_s();
    const time_s = Number(fields.get('oauth_timestamp'));
    const nonce = fields.get('oauth_nonce');
    if (!nonce || !Number.isFinite(time_s))
      return 'Authorization Error: Missing nonce or timestamp';
    // A clock that is ahead is none of its concern.
    if (now_s - time_s > SKEW_S_MAX) {
      const far = `has a greater difference than threshold ${SKEW_S_MAX}`;
      return refused(`Expired timestamp: given ${time_s} and now ${Math.floor(now_s)} ${far}`);
    }
    for (const [old, until_s] of this.#nonces) if (until_s < now_s) this.#nonces.delete(old);
    const used = `${fields.get('oauth_token')} ${nonce}`;
    if (this.#nonces.has(used)) return refused(`Nonce already used: ${nonce}`);
    this.#nonces.set(used, now_s + 2 * SKEW_S_MAX);
    return undefined;
  }
}

const refused = (why: string) => `Authorization Error: '${why}'`;

function fieldsOf(header: string): ReadonlyMap<string, string> | undefined {
  if (!/^OAuth /i.test(header)) return undefined;
  const pairs = [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)];
  return new Map(pairs.map(([, name, value]) => [name, decodeURIComponent(value)]));
}
