/**
 * Holds the contract region against what a real one said: each request that was recorded in
 * `real-region.json` is sent again, in the same order, and has to be answered alike.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oauthHeader, parseApiKey } from '../../../backends/maas/oauth.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMIN_KEY, startServer, USER_KEY } from './region-under-test.ts';

interface Step {
  /** Method and path below `api/2.0/`, with `{one}` for the identity of the machine `one`. */
  readonly do: string;
  readonly as?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** The machine that is made gets this name. */
  readonly id?: string;
  /** A job of machine `host` that ends badly. */
  readonly fail?: 'commission' | 'test' | 'deploy' | 'erase' | 'rescue';
  readonly host?: string;
  /** Jobs do not end from here on, or end again after this. */
  readonly hold?: boolean;
  /** Whether a rack controller is connected. */
  readonly rack?: boolean;
  readonly status: number;
  /** What was said instead of a machine: text, or a form's messages. */
  readonly says?: unknown;
  /** Fields of the machine that was answered. */
  readonly machine?: Readonly<Record<string, unknown>>;
  /** Fields of any other answer: the contract region has no others. */
  readonly keys?: readonly string[];
  /** The status that the machine came to. */
  readonly becomes?: string;
}

const file = new URL('./real-region.json', import.meta.url);
const { steps, differs } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly steps: readonly Step[];
  /** Steps, by their number, in which the contract region says something else, and why. */
  readonly differs: Readonly<Record<string, string>>;
};

const server = startServer();
const { region } = server;
const ids = new Map([['subnet', '1']]);
let url: URL;
let count = 0;
let nonce = '';
let isHeld = false;

beforeAll(async () => {
  url = await server.listen();
});
afterAll(() => server.close());

const filled = (text: string) => text.replace(/\{(\w+)\}/g, (all, name) => ids.get(name) ?? all);

function emptied(value: unknown): unknown {
  let text = JSON.stringify(value) ?? 'null';
  for (const [name, id] of ids) if (name !== 'subnet') text = text.replaceAll(id, `{${name}}`);
  const [, , secret] = ADMIN_KEY.split(':');
  text = text
    .replaceAll(`&${secret}`, '[redacted]')
    .replace(/already used: \w+/, 'already used: N');
  return JSON.parse(text.replace(/\b\d{9,}\b/g, 'N'));
}

function headersOf(as = 'admin'): Record<string, string> {
  if (as === 'nobody') return {};
  const key = as === 'user' ? USER_KEY : ADMIN_KEY;
  const [consumer, token, secret] = key.split(':');
  const given =
    { 'wrong key': `no:${token}:${secret}`, 'wrong secret': `${consumer}:${token}:no` }[as] ?? key;
  const skew_s = { 'late clock': -1000, 'early clock': 1000 }[as] ?? 0;
  if (as !== 'same nonce') nonce = `nonce${++count}`;
  const now_s = Date.now() / 1000 + skew_s;
  return { authorization: oauthHeader(parseApiKey(given)!, now_s, nonce) };
}

async function send({ do: what, as, form }: Step) {
  const [method, path] = what.split(' ');
  const fields = Object.entries(form ?? {}).map(([name, value]) => [name, filled(value)]);
  const answer = await fetch(new URL(`api/2.0/${filled(path)}`, `${url}/`), {
    method,
    headers: headersOf(as),
    ...(form ? { body: new URLSearchParams(fields) } : {}),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return { status: answer.status, body: isJson ? JSON.parse(text) : text };
}

/** What the recording tells of an answer. */
function told(step: Step, { status, body }: Awaited<ReturnType<typeof send>>) {
  const first = Array.isArray(body) ? body[0] : body;
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, first?.[name]]));
  return {
    status,
    ...(step.machine ? { machine: pick(Object.keys(step.machine)) } : {}),
    ...('says' in step ? { says: emptied(body) } : {}),
    ...(step.keys
      ? { strange: Object.keys(first).filter((key) => !step.keys?.includes(key)) }
      : {}),
  };
}

const UNDER_WAY =
  /^(Commissioning|Testing|Deploying|Releasing|Disk erasing|(Entering|Exiting) rescue mode)$/;

/** The status that a machine comes to; the one that it has when nothing ends. */
async function settledStatus(name: string, isHeld: boolean): Promise<string> {
  return eventually(async () => {
    const { body } = await send({ do: `GET machines/{${name}}/`, status: 200 });
    if (isHeld) return body.status_name;
    expect(body.status_name).not.toMatch(UNDER_WAY);
    expect(region.machines.get(body.system_id)?.isSwitching).toBe(false);
    return body.status_name;
  });
}

describe('the contract region answers as a real one did', () => {
  it.each(steps.map((step, number) => ({ step, number })))(
    '$number: $step.do as $step.as',
    async ({ step, number }) => {
      isHeld = step.hold ?? isHeld;
      if (step.hold) region.hardware.hold();
      if (step.rack === false) region.isRackConnected = false;
      if (step.fail) region.hardware.failing.set(step.host!, new Set([step.fail]));
      const answer = await send(step);
      if (step.hold === false) region.hardware.letGo();
      if (step.rack) region.isRackConnected = true;
      if (step.id && answer.body.system_id) ids.set(step.id, answer.body.system_id);
      const machine = /\{(\w+)\}/.exec(step.do + JSON.stringify(step.form ?? {}))?.[1];
      const becomes =
        step.becomes && machine ? { becomes: await settledStatus(machine, isHeld) } : {};
      if (step.fail) region.hardware.failing.clear();
      const { status, says, keys, machine: fields } = step;
      const real = JSON.parse(
        JSON.stringify({
          status,
          machine: fields,
          says,
          strange: keys && [],
          becomes: step.becomes,
        }),
      );
      const ours = JSON.parse(JSON.stringify({ ...told(step, answer), ...becomes }));
      if (differs[number]) expect(ours, differs[number]).not.toEqual(real);
      else expect(ours).toEqual(real);
    },
  );
});
