import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Bridge } from '../../../backends/ceph/bridge.ts';
import { CephBackend } from '../../../backends/ceph/driver.ts';
import { Session } from '../../../backends/ceph/session.ts';
import { cephDriverOptions } from '../../../backends/ceph/spec.ts';
import type { Fault, Observation } from '../../../engine/contract.ts';

/** Node takes Python's place: programs that answer what a bridge never should. */
const FAKE = '--input-type=commonjs';

let bridge: Bridge | undefined;
afterEach(() => bridge?.stop());

/** A bridge whose program is JavaScript: `python -I -u -c PROGRAM` becomes `node -e PROGRAM`. */
function start(program: string, answer_bytes_max?: number): Bridge {
  const wrapper = [process.execPath, FAKE, '-e', program, '--'];
  bridge = new Bridge({ wrapper, python: 'ignored', env: process.env, answer_bytes_max });
  return bridge;
}

const ask = (to: Bridge, act = false, timeout_s = 20) =>
  to.ask({ do: 'mon', command: {} }, { what: 'ceph status', act, timeout_s });

async function faultOf(asked: Promise<unknown>): Promise<Fault> {
  const thrown = await asked.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return (thrown as { fault: Fault }).fault;
}

const onLine = (reply: string) => `process.stdin.on('data', () => { ${reply} });`;

describe('a client that does not behave ends in a typed fault', () => {
  it.each([
    ['not JSON', 'console.log("hello")', 'CEPH_MALFORMED'],
    ['JSON of another form', 'console.log(JSON.stringify({ id: 1, rc: "0" }))', 'CEPH_MALFORMED'],
    ['a number', 'console.log("1")', 'CEPH_MALFORMED'],
    ['null', 'console.log("null")', 'CEPH_MALFORMED'],
    [
      'half a line, then the end',
      'process.stdout.write("{\\"id\\":1"); process.exit(0)',
      'CEPH_CONNECTION_LOST',
    ],
    ['a crash', 'process.kill(process.pid, "SIGSEGV")', 'CEPH_CONNECTION_LOST'],
    ['an exit', 'process.exit(3)', 'CEPH_CONNECTION_LOST'],
  ])('%s', async (_, reply, code) => {
    const read = await faultOf(ask(start(onLine(reply))));
    expect(read).toMatchObject({ code, effect: 'none' });
    await bridge?.stop();
    const act = await faultOf(ask(start(onLine(reply)), true));
    expect(act).toMatchObject({ code, effect: 'unknown' });
    expect(bridge?.isAlive).toBe(false);
    // What is asked of a dead one was never sent.
    expect(await faultOf(ask(bridge!, true))).toMatchObject({ code, effect: 'none' });
  });

  it('an endless answer is cut off', async () => {
    const endless = onLine('setInterval(() => process.stdout.write("x".repeat(65536)), 0)');
    const fault = await faultOf(ask(start(endless, 100_000), true));
    expect(fault).toMatchObject({ code: 'CEPH_ANSWER_TOO_LARGE', effect: 'unknown' });
  });

  it('silence is not waited for without end', async () => {
    const fault = await faultOf(ask(start(onLine('')), true, 0.1));
    expect(fault).toMatchObject({ code: 'CEPH_NO_ANSWER', effect: 'unknown' });
  });

  it('an answer that comes in pieces is read', async () => {
    const pieces = `const text = JSON.stringify({ id: 1, rc: 0, out: 'é'.repeat(50000), said: '' });
      const bytes = Buffer.from(text + '\\n');
      for (let i = 0; i < bytes.length; i += 997) process.stdout.write(bytes.subarray(i, i + 997));`;
    expect((await ask(start(onLine(pieces)))).out).toBe('é'.repeat(50_000));
  });

  it('answers to questions that nobody asked are passed over', async () => {
    const strange = onLine(`for (const id of [99, -1, 1]) {
      console.log(JSON.stringify({ id, rc: 0, out: String(id), said: '' }));
    }`);
    expect((await ask(start(strange))).out).toBe('1');
  });
});

describe('what is not there', () => {
  const open = (wrapper: string[], python = '/nowhere/python') =>
    new Session({
      place: { conf: '', name: 'client.admin', cluster: 'ceph' },
      bridge: { wrapper, python, env: process.env },
    });

  it('a Python that is missing', async () => {
    const fault = await faultOf(open([]).connect());
    expect(fault).toMatchObject({ code: 'CEPH_NO_CLIENT', effect: 'none' });
  });

  it('a Python without the modules of Ceph', async () => {
    const program =
      'process.stderr.write("ModuleNotFoundError: No module named \'rados\'"); process.exit(1)';
    const fault = await faultOf(open([process.execPath, FAKE, '-e', program, '--']).connect());
    expect(fault).toMatchObject({ code: 'CEPH_NO_CLIENT' });
    expect(fault.message).toContain('rados');
  });

  it('closing what was never opened leaves nothing', async () => {
    const session = open([]);
    await session.close();
    expect(await faultOf(session.connect())).toMatchObject({ code: 'CEPH_CONNECTION_LOST' });
  });
});

const PLANTED = 'AQDplantedSecretKeyOfACephUserxxxxxxxxx==';

/** Answers like a cluster whose users have keys. */
const LEAKY = `
  const done = (id, out, rc = 0, said = '') =>
    console.log(JSON.stringify({ id, rc, out: JSON.stringify(out), said }));
  let rest = '';
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      const { id, do: what, command = {} } = JSON.parse(line);
      if (what !== 'mon') done(id, {});
      else if (command.prefix === 'auth ls')
        done(id, { auth_dump: [{ entity: 'client.x', key: '${PLANTED}', caps: { mon: 'allow r' } }] });
      else if (command.prefix === 'auth get-or-create')
        done(id, [{ entity: 'client.x', key: '${PLANTED}', caps: {} }]);
      else done(id, '', -22, 'no');
    }
  });`;

describe('keys', () => {
  it('are in no observation and no outcome', async () => {
    const wrapper = [process.execPath, FAKE, '-e', LEAKY, '--'];
    const options = { ...cephDriverOptions({}, process.env), wrapper };
    const backend = new CephBackend(options);
    const seen = await new Promise<Observation | Fault>((reply) =>
      backend.observe('ceph-user', 'client.x', reply),
    );
    const outcome = await new Promise((reply) =>
      backend.request(
        {
          ...{ key: 'k', layer: 'sds', kind: 'ceph-user', entity: 'client.x', verb: 'create' },
          params: { caps: { mon: 'allow r' } },
          deadline_s: 10,
        },
        reply,
      ),
    );
    expect(seen).toMatchObject({ state: 'present', attributes: { caps_mon: 'allow r' } });
    expect(outcome).toMatchObject({ type: 'done' });
    expect(JSON.stringify([seen, outcome])).not.toContain(PLANTED);
    await new Promise<void>((closed) => backend.close(closed));
  });
});

describe('the program itself', () => {
  const python = '/usr/bin/python3';

  it.skipIf(!existsSync(python))('is Python', async () => {
    const { BRIDGE_PROGRAM } = await import('../../../backends/ceph/bridge-program.ts');
    const compile = 'import sys; compile(sys.stdin.read(), "bridge", "exec")';
    const { status, stderr } = spawnSync(python, ['-I', '-c', compile], { input: BRIDGE_PROGRAM });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
  });
});
