import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted, Secret, withoutSecrets } from '../../backends/secret.ts';

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

describe('what this process has read lately', () => {
  it('is hidden without being named, in whatever form a system repeats it', () => {
    const value = 'p/a+s&s "w<ord>\'';
    new Secret(value);
    const forms = [
      value,
      JSON.stringify(value),
      encodeURIComponent(value),
      new URLSearchParams({ key: value }).toString(),
      `<b>p/a+s&amp;s &quot;w&lt;ord&gt;&#39;</b>`,
    ];
    for (const form of forms) expect(withoutSecrets(form)).toMatch(/\[secret\]/);
    for (const form of forms) expect(withoutSecrets(form)).not.toMatch(/ord/);
  });

  it('is hidden line by line when it is a key', () => {
    const lines = ['b3BlbnNzaC1rZXktdjEAAAAABG5vbmU', 'QyNTUxOQAAACBxLM3kcYxUyYBGWkMnR4'];
    new Secret(`-----BEGIN KEY-----\n${lines.join('\n')}\n-----END KEY-----\n`);
    expect(withoutSecrets(`it says ${lines[1]}, ${lines[0]}`)).toBe('it says [secret], [secret]');
    expect(withoutSecrets('-----END KEY-----')).toBe('-----END KEY-----');
  });

  it('may be spared where it is short', () => {
    new Secret('compute');
    expect(withoutSecrets('compute-1')).toBe('[secret]-1');
    expect(withoutSecrets('compute-1', 12)).toBe('compute-1');
  });

  it('is forgotten after a thousand others', () => {
    new Secret('the-first-of-many');
    for (let i = 0; i < 1_000; i++) new Secret(`another-secret-${i}`);
    expect(withoutSecrets('the-first-of-many')).toBe('the-first-of-many');
    expect(withoutSecrets('another-secret-0')).toBe('[secret]');
  });
});
