import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionLimits } from '../../../backends/libvirt/connection.ts';
import { LibvirtBackend } from '../../../backends/libvirt/driver.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeLibvirtd, framed } from './fake-libvirtd.ts';

const LIMITS: Partial<ConnectionLimits> = {
  connect_s: 20,
  message_s: 1,
  keepalive_s: 0.05,
  keepalive_count: 2,
};

let server: FakeLibvirtd;
let backend: LibvirtBackend;

beforeEach(async () => {
  server = new FakeLibvirtd();
  await server.listen();
  backend = new LibvirtBackend({
    uri: server.uri,
    limits: LIMITS,
    reconnect: { first_s: 0.01, max_s: 0.02 },
  });
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

const observe = () =>
  new Promise<Observation | Fault>((reply) => backend.observe('domain', 'vm', reply));
let count = 0;
const request = (verb: string, deadline_s = 60, entity = 'vm') =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'hypervisor', kind: 'domain', entity, verb, params: {}, deadline_s },
      },
      reply,
    ),
  );

describe('a libvirtd that breaks its protocol', () => {
  it('is told from one that keeps it', async () => {
    expect(await observe()).toMatchObject({ state: 'shutoff', attributes: { vcpus: 1 } });
  });

  const BROKEN: readonly [string, Buffer, string][] = [
    ['announces more than 32 MiB', word(0xffff_ffff), 'LIBVIRT_MESSAGE_TOO_LARGE'],
    ['announces less than a header', word(12), 'LIBVIRT_MALFORMED'],
    ['announces nothing', word(0), 'LIBVIRT_MALFORMED'],
    ['speaks HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'LIBVIRT_MESSAGE_TOO_LARGE'],
    ['speaks another program', framed(header({ program: 7 }), none()), 'LIBVIRT_MALFORMED'],
    ['speaks another version', framed(header({ version: 9 }), none()), 'LIBVIRT_MALFORMED'],
    ['sends an unknown type', framed(header({ type: 9 }), none()), 'LIBVIRT_MALFORMED'],
    ['answers what was not asked', framed(header({ serial: 99 }), none()), 'LIBVIRT_MALFORMED'],
    ['makes calls itself', framed(header({ type: 0 }), none()), 'LIBVIRT_MALFORMED'],
    [
      'sends an event cut short',
      framed(header({ type: 2, procedure: 318 }), Buffer.alloc(6)),
      'LIBVIRT_MALFORMED',
    ],
  ];

  it.each(BROKEN)('that %s ends in a typed fault', async (_what, bytes, code) => {
    server.answers = { domain_get_info: ({ socket }) => socket.write(bytes) };
    expect(await observe()).toMatchObject({ code, retryable: code === 'LIBVIRT_MALFORMED' });
  });

  const ANSWERS: readonly [string, Buffer][] = [
    ['truncated', Buffer.alloc(8)],
    ['empty', none()],
    ['too long', Buffer.alloc(400)],
  ];

  it.each(ANSWERS)('with an answer that is %s ends in a typed fault', async (_what, body) => {
    server.answers = { domain_get_info: (call) => call.raw(body) };
    expect(await observe()).toMatchObject({ code: 'LIBVIRT_MALFORMED' });
  });

  it('with a list that claims more than it holds ends in a typed fault', async () => {
    server.answers = { connect_list_all_domains: (call) => call.raw(word(16_384)) };
    const listed = await new Promise((reply) => backend.list(reply));
    expect(listed).toMatchObject({ code: 'LIBVIRT_MALFORMED' });
  });

  it('with an error that is no error structure ends in a typed fault', async () => {
    server.answers = { domain_get_info: (call) => call.raw(Buffer.alloc(3), { status: 1 }) };
    expect(await observe()).toMatchObject({ code: 'LIBVIRT_MALFORMED' });
  });

  it('with a status of its own invention ends in a typed fault', async () => {
    server.answers = { domain_get_info: (call) => call.raw(none(), { status: 7 }) };
    expect(await observe()).toMatchObject({ code: 'LIBVIRT_MALFORMED' });
  });

  it('that drips a message byte by byte is given up in time', async () => {
    let drip: NodeJS.Timeout | undefined;
    server.answers = {
      domain_get_info: ({ socket }) => {
        socket.write(word(1_000));
        drip = setInterval(() => socket.write(Buffer.alloc(1)), 20);
      },
    };
    const seen = await observe();
    clearInterval(drip);
    expect(seen).toMatchObject({ code: 'LIBVIRT_NO_ANSWER', effect: 'unknown' });
  });

  it('that falls silent is given up when it gives no sign of life', async () => {
    server.answers = {
      connect_supports_feature: (call) => call.reply({ supported: 1 }),
      domain_get_info: () => {},
    };
    expect(await observe()).toMatchObject({ code: 'LIBVIRT_CONNECTION_LOST' });
    expect(server.signs.length).toBeGreaterThanOrEqual(2);
  });

  it('that asks for a sign of life gets one', async () => {
    await observe();
    server.answers = {
      domain_get_info: (call) => {
        const ping = header({ program: 0x6b65_6570, type: 2, procedure: 1, serial: 0 });
        call.socket.write(framed(ping, none()));
        call.reply({ state: 5, max_memory_kib: 4n, memory_kib: 4n, vcpus: 1, cpu_ns: 0n });
      },
    };
    await observe();
    await eventually(() => expect(server.signs).toContain(2));
  });

  it('that wants a password is refused with advice', async () => {
    server.answers = { auth_list: (call) => call.reply({ types: [1] }) };
    expect(await observe()).toMatchObject({ code: 'LIBVIRT_AUTH', retryable: false });
  });

  it('whose error text holds control characters gives a message of one line', async () => {
    server.answers = { domain_get_info: (call) => call.error(1, 10, 'a\u001b[31m\nb') };
    const fault = (await observe()) as Fault;
    expect(fault).toMatchObject({ code: 'LIBVIRT_OPERATION_FAILED', upstream: '1/10' });
    expect(fault.message).toMatch(/a \[31m b$/);
  });
});

describe('a libvirtd that hangs up', () => {
  it('within an act leaves it open whether the act happened', async () => {
    server.answers = { domain_create_with_flags: ({ socket }) => socket.destroy() };
    expect(await request('create')).toMatchObject({
      fault: { code: 'LIBVIRT_CONNECTION_LOST', effect: 'unknown', retryable: true },
    });
  });

  it('before an act was sent had no effect', async () => {
    server.answers = { domain_lookup_by_name: () => server.hangUp() };
    const outcome = await request('create');
    expect(outcome).toMatchObject({ fault: { code: 'LIBVIRT_CONNECTION_LOST' } });
    expect(server.calls).not.toContain('domain_create_with_flags');
  });

  it('is connected to again, with events registered and states looked up anew', async () => {
    const seen: string[] = [];
    backend.watch(({ state }) => seen.push(state));
    await eventually(() => expect(seen).toEqual(['shutoff']));
    server.answers = { domain_get_state: (call) => call.reply({ state: 1, reason: 1 }) };
    server.hangUp();
    await eventually(() => expect(seen).toEqual(['shutoff', 'running']));
    const registered = server.calls.filter((name) => name.endsWith('register_any'));
    expect(registered).toHaveLength(8);
  });

  it('at once, again and again, is not stormed', async () => {
    let pauses = 0;
    const slow = new LibvirtBackend({
      uri: server.uri,
      reconnect: { first_s: 0.01, max_s: 0.02 },
      random: () => ++pauses && 1,
    });
    let connections = 0;
    server.onConnect = (socket) => {
      connections++;
      socket.destroy();
    };
    slow.watch(() => {});
    await eventually(() => expect(connections).toBeGreaterThan(4));
    await new Promise<void>((closed) => slow.close(closed));
    expect(connections).toBeLessThanOrEqual(pauses + 1);
  });
});

describe('many acts at a time', () => {
  it('never exceed what libvirtd works on, and leave room for questions', async () => {
    await observe();
    let atWork = 0;
    let most = 0;
    const finish: (() => void)[] = [];
    server.answers = {
      domain_suspend: (call) => {
        most = Math.max(most, ++atWork);
        finish.push(() => {
          atWork--;
          call.error(55, 20, 'not running');
        });
      },
    };
    const acts = Array.from({ length: 10 }, (_, i) => request('suspend', 60, `vm-${i}`));
    await eventually(() => expect(finish).toHaveLength(4));
    expect(await observe()).toMatchObject({ state: 'shutoff' });
    let areOver = false;
    const outcomes = Promise.all(acts).finally(() => {
      areOver = true;
    });
    while (!areOver) {
      for (const end of finish.splice(0)) end();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ fault: { code: 'LIBVIRT_WRONG_STATE', upstream: '55/20' } });
    }
    expect(most).toBe(4);
  });

  it('that wait for their turn are given up without effect', async () => {
    server.answers = { domain_suspend: () => {} };
    const held = Array.from({ length: 4 }, (_, i) => request('suspend', 0.5, `vm-${i}`));
    const waiting = await request('suspend', 0.2);
    expect(waiting).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED', effect: 'none' } });
    for (const outcome of await Promise.all(held)) {
      expect(outcome).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' } });
    }
  });

  it('come back as busy when another job holds the domain', async () => {
    server.answers = {
      domain_suspend: (call) => call.error(68, 10, 'cannot acquire state change lock'),
    };
    expect(await request('suspend')).toEqual({ type: 'busy', retry_after_s: 1 });
  });
});

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function none(): Buffer {
  return Buffer.alloc(0);
}

function header(more: Partial<Parameters<typeof framed>[0]>): Parameters<typeof framed>[0] {
  return {
    ...{ program: 0x2000_8086, version: 1, procedure: 1, type: 1, serial: 1, status: 0 },
    ...more,
  };
}
