/** Replay tokens: a counterexample as one word, independent of how it was found. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { StrataError } from '../../engine/errors.ts';
import type { Plan } from '../../sim/plan.ts';

export interface Token {
  readonly scenario: string;
  /** Hash of the resolved scenario, to notice that it has changed since. */
  readonly hash: string;
  readonly set: Readonly<Record<string, string>>;
  readonly plan: Plan;
}

const PREFIX = 'strata1.';
/** A token of this many bytes would hold thousands of steps; larger ones are no tokens. */
const BYTES_MAX = 1024 * 1024;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const seconds = z.number().min(0).max(1e9);
const pick = { after_s: seconds, pick: count };
const schema = z.strictObject({
  scenario: z.string().max(4096),
  hash: z.string().max(64),
  set: z.record(z.string(), z.string()),
  plan: z.strictObject({
    seed: count,
    stretches: z
      .array(z.strictObject({ key: count, factor: z.number().min(0).max(1000) }))
      .max(1000),
    steps: z
      .array(
        z.discriminatedUnion('do', [
          z.strictObject({
            do: z.literal('fail'),
            ...pick,
            target: z.string(),
            heal_after_s: seconds,
          }),
          z.strictObject({ do: z.literal('boot'), ...pick }),
          z.strictObject({ do: z.literal('delete'), ...pick }),
          z.strictObject({ do: z.literal('act'), ...pick, action: z.string() }),
        ]),
      )
      .max(10_000),
  }),
});

export function encodeToken(token: Token): string {
  return PREFIX + deflateRawSync(JSON.stringify(token), { level: 9 }).toString('base64url');
}

/** Throws CHECK_BAD_TOKEN for anything that `encodeToken` has not made. */
export function decodeToken(text: string): Token {
  const bad = () =>
    new StrataError(
      'CHECK_BAD_TOKEN',
      'this is no replay token, or a part of it is missing',
      `a token starts with '${PREFIX}' and is one word, as 'strata check' printed it`,
    );
  if (!text.startsWith(PREFIX)) throw bad();
  try {
    const packed = Buffer.from(text.slice(PREFIX.length), 'base64url');
    const json = inflateRawSync(packed, { maxOutputLength: BYTES_MAX }).toString('utf8');
    return schema.parse(JSON.parse(json)) as Token;
  } catch {
    throw bad();
  }
}
