import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted, Secret } from '../../backends/secret.ts';

const VALUE = 'correct horse battery staple';
const secret = new Secret(VALUE);

describe('a secret', () => {
  it('shows itself when it is asked to', () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  it('is hidden in whatever prints it', () => {
    const holder = { user: 'admin', secret, all: [secret], by: new Map([['key', secret]]) };
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true }),
      new Error(`failed for ${secret}`).stack,
      JSON.stringify({ ...secret }),
      JSON.stringify(structuredClone({ ...secret })),
      Object.values(secret).join(),
    ];
    for (const text of shown) expect(text).not.toContain('horse');
  });
});

describe('redacting', () => {
  /** Texts of a small alphabet overlap; with quotes, patterns and other scripts among them. */
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', '$', '.', '&', 'ö', '/') });
  const secrets = fc.array(value, { maxLength: 4 });
  const isLong = (each: string) => each.length >= 4;

  it('leaves none of the secrets, in no form, wherever they stand', () => {
    fc.assert(
      fc.property(secrets, fc.array(value), (values, others) => {
        const forms = values.flatMap((v) => [v, JSON.stringify(v), encodeURIComponent(v)]);
        const text = forms.map((form, i) => `${form}${others[i] ?? ' '}`).join(' ');
        const clean = redacted(
          text,
          values.map((v) => new Secret(v)),
        );
        for (const each of values.filter(isLong)) expect(clean).not.toContain(each);
      }),
    );
  });

  it('leaves everything else as it is', () => {
    fc.assert(
      fc.property(secrets, fc.stringMatching(/^[c-m ]*$/), (values, text) => {
        const all = values.map((v) => new Secret(v));
        expect(redacted(text, all)).toBe(text);
      }),
    );
  });

  it('takes the longer one when a secret holds another', () => {
    const both = [new Secret('pass'), new Secret('password-of-admin')];
    expect(redacted('is password-of-admin', both)).toBe('is [secret]');
  });
});
