import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oauthHeader, parseApiKey } from '../../../backends/maas/oauth.ts';
import { OAuthCheck } from '../../../lab/maas/oauth-check.ts';

const ACCOUNT = { username: 'admin', isAdmin: true, key: 'CK:TK:TS' };
const key = parseApiKey(ACCOUNT.key)!;

describe('the signature of a request', () => {
  it('is that which a real region accepted', () => {
    expect(oauthHeader(key, 1_700_000_000.9, 'N')).toBe(
      'OAuth realm="", oauth_version="1.0", oauth_signature_method="PLAINTEXT", ' +
        'oauth_consumer_key="CK", oauth_token="TK", oauth_signature="%26TS", ' +
        'oauth_timestamp="1700000000", oauth_nonce="N"',
    );
  });

  it('has a nonce of its own each time', () => {
    const headers = Array.from({ length: 50 }, () => oauthHeader(key, 0));
    expect(new Set(headers).size).toBe(50);
  });

  it('is accepted for any key of three parts', () => {
    const part = fc.stringMatching(/^[!-9;-~]+$/);
    fc.assert(
      fc.property(part, part, part, (consumer, token, secret) => {
        const text = `${consumer}:${token}:${secret}`;
        const check = new OAuthCheck([{ ...ACCOUNT, key: text }], () => 1_000);
        expect(typeof check.check(oauthHeader(parseApiKey(text)!, 1_000))).toBe('object');
      }),
    );
  });
});

describe('an API key', () => {
  it.each(['', 'a', 'a:b', 'a:b:c:d', 'a::c', ' a b:c:d', 'a:b:c\nd'])('%j is none', (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
  it('may end with a line break, as files do', () => {
    expect(parseApiKey('a:b:c\n')?.secret.reveal()).toBe('c');
  });
});

describe('a region refuses', () => {
  const NOW_S = 1_000_000;
  const check = () => new OAuthCheck([ACCOUNT], () => NOW_S);
  const header = (now_s: number, nonce?: string) => oauthHeader(key, now_s, nonce);

  it.each([
    ['no header', undefined],
    ['another scheme', 'Basic YTpi'],
    ['another secret', oauthHeader(parseApiKey('CK:TK:XX')!, NOW_S)],
    ['another token', oauthHeader(parseApiKey('CK:XX:TS')!, NOW_S)],
    ['another method', header(NOW_S).replace('PLAINTEXT', 'HMAC-SHA1')],
    ['no nonce', header(NOW_S, '')],
    ['a clock 301 s behind', header(NOW_S - 301)],
  ])('%s', (_what, given) => {
    expect(typeof check().check(given)).toBe('string');
  });

  it('a nonce that comes twice, and no clock that is 300 s behind or ahead at all', () => {
    const one = check();
    expect(one.check(header(NOW_S - 300, 'n'))).toMatchObject({ username: 'admin' });
    expect(one.check(header(NOW_S, 'n'))).toBe("Authorization Error: 'Nonce already used: n'");
    expect(one.check(header(NOW_S + 3000, 'm'))).toMatchObject({ username: 'admin' });
  });
});
