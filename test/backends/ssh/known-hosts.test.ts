import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, parseKnownHosts } from '../../../backends/ssh/known-hosts.ts';
import { anyText } from '../../support/any-text.ts';

const KEY = Buffer.from('the key');
const OTHER = Buffer.from('another key');
const line = (patterns: string, key = KEY, marker = '') =>
  `${marker}${patterns} ssh-ed25519 ${key.toString('base64')} a comment\n`;

const verdict = (text: string, host: string, port = 22, key = KEY) =>
  judge(parseKnownHosts(text), host, port, key);

function hashed(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('a host is judged by known_hosts', () => {
  it('as OpenSSH does', () => {
    expect(verdict(line('host'), 'host')).toBe('known');
    expect(verdict(line('host'), 'HOST')).toBe('known');
    expect(verdict(line('host'), 'other')).toBe('unknown');
    expect(verdict(line('host', OTHER), 'host')).toBe('changed');
    expect(verdict(line('host', OTHER) + line('host'), 'host')).toBe('known');
    expect(verdict(line('a,host,b'), 'host')).toBe('known');
    expect(verdict(line('*.lab'), 'n1.lab')).toBe('known');
    expect(verdict(line('*.lab,!n1.lab'), 'n1.lab')).toBe('unknown');
    expect(verdict(line('n?'), 'n1')).toBe('known');
    expect(verdict(line('h.st'), 'host')).toBe('unknown');
  });

  it('on its own port', () => {
    expect(verdict(line('[host]:2222'), 'host', 2222)).toBe('known');
    expect(verdict(line('host'), 'host', 2222)).toBe('unknown');
    expect(verdict(line('[host]:2222'), 'host')).toBe('unknown');
  });

  it('by hashed names', () => {
    expect(verdict(line(hashed('host')), 'host')).toBe('known');
    expect(verdict(line(hashed('[host]:2222')), 'host', 2222)).toBe('known');
    expect(verdict(line(hashed('host')), 'other')).toBe('unknown');
  });

  it('never by a revoked key or a certificate authority', () => {
    const both = line('host') + line('host', KEY, '@revoked ');
    expect(verdict(both, 'host')).toBe('revoked');
    expect(verdict(line('*', KEY, '@cert-authority '), 'host')).toBe('certified');
  });

  it('and never throws, whatever the file holds', () => {
    fc.assert(
      fc.property(anyText(), fc.domain(), (text, host) => {
        expect(['unknown', 'changed']).toContain(verdict(`${text}\n`, host));
      }),
    );
  });
});
