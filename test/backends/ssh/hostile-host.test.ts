import { createServer, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../backends/secret.ts';
import type { SshTarget } from '../../../backends/ssh/config.ts';
import { SshSession } from '../../../backends/ssh/session.ts';
import { FakeHost, keyPair } from './fake-host.ts';

const OWN = keyPair();
let host: FakeHost;
let tcp: TcpServer | undefined;
let sessions: SshSession[];

beforeEach(async () => {
  host = new FakeHost();
  await host.listen();
  sessions = [];
});
afterEach(async () => {
  await Promise.all(sessions.map((each) => each.close()));
  await host.close();
  await new Promise<void>((done) => (tcp ? tcp.close(() => done()) : done()));
  tcp = undefined;
});

function session(more: Partial<SshTarget> = {}): SshSession {
  const target = {
    ...{ alias: 'fake', host: '127.0.0.1', port: host.port, user: 'u', jumps: [] },
    ...{ keys: [new Secret(OWN.private)], agent: undefined, connect_s: 20 },
    ...{ knownHosts: [host.knownHosts()], ...more },
  };
  const made = new SshSession(target, () => 0);
  sessions.push(made);
  return made;
}

/** Listens with a server that is no SSH server; returns its port. */
async function pretend(greeting: string | Buffer): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.write(greeting);
  });
  tcp = server;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

const faulty = (code: string, effect = 'none') => ({ fault: { code, effect } });

describe('a host that breaks the protocol', () => {
  it('is told from one that keeps it', async () => {
    expect((await session().ask(['echo'])).stdout).toBe('echo\n');
  });

  it.each([
    ['says nothing', ''],
    ['is something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['talks without end', Buffer.alloc(8 * 2 ** 20, 'x\n')],
    ['announces a huge packet', Buffer.from('SSH-2.0-x\r\n\xff\xff\xff\xff', 'latin1')],
  ])('that %s is unreachable, in time', async (_, greeting) => {
    const to = session({ port: await pretend(greeting), connect_s: 1 });
    await expect(to.ask(['true'])).rejects.toMatchObject(faulty('SSH_UNREACHABLE'));
  });

  it('whose command never begins is given up in time', async () => {
    host.exec = () => {};
    await expect(session().ask(['true'], { timeout_s: 0.2 })).rejects.toMatchObject(
      faulty('SSH_NO_ANSWER'),
    );
    await expect(session().act(['true'], { timeout_s: 0.2 })).rejects.toMatchObject(
      faulty('SSH_NO_ANSWER', 'unknown'),
    );
  });

  it('whose command never begins ends with whoever asked', async () => {
    const abort = new AbortController();
    host.exec = () => abort.abort();
    const asked = session().act(['true'], { signal: abort.signal });
    await expect(asked).rejects.toMatchObject(faulty('SSH_NO_ANSWER', 'unknown'));
  });

  it('that lets nobody through to the next is given up in time', async () => {
    const jump = { ...session().target };
    const to = session({ jumps: [jump], host: '192.0.2.1', connect_s: 1 });
    await expect(to.ask(['true'])).rejects.toMatchObject(faulty('SSH_UNREACHABLE'));
  });

  it.each([
    ['output', (channel: { write(text: string): boolean }) => channel.write('x'.repeat(5_000))],
    [
      'complaint',
      (channel: { stderr: { write(text: string): boolean } }) =>
        channel.stderr.write('x'.repeat(5_000)),
    ],
  ])('with more %s than is accepted ends in a typed fault', async (_, flood) => {
    host.exec = (accept) => void flood(accept());
    await expect(session().ask(['cat'], { output_bytes_max: 1_000 })).rejects.toMatchObject(
      faulty('SSH_OUTPUT_TOO_LARGE'),
    );
  });

  it('with a command that ends without a status has failed, nobody knows how', async () => {
    host.exec = (accept) => accept().close();
    await expect(session().act(['true'])).rejects.toMatchObject(
      faulty('SSH_COMMAND_FAILED', 'unknown'),
    );
  });

  it('that hangs up within an act leaves it open; a question is asked again', async () => {
    let hangs = 1;
    host.exec = (accept, client) => {
      if (hangs-- > 0) client.end();
      else FakeHost.echo(accept, 'again');
    };
    expect((await session().ask(['again'])).stdout).toBe('again\n');
    hangs = 1;
    await expect(session().act(['once'])).rejects.toMatchObject(
      faulty('SSH_CONNECTION_LOST', 'unknown'),
    );
  });

  it('whose complaint holds control characters gives a message of one line', async () => {
    host.exec = (accept) => {
      const channel = accept();
      channel.stderr.write('\u001b[31mred\nline');
      channel.exit(1);
      channel.end();
    };
    const thrown = await session()
      .ask(['true'])
      .catch((cause) => cause);
    expect(thrown.fault.message).toContain('[31mred line');
  });

  it('that never hangs up does not keep us', async () => {
    host.isDeaf = true;
    const to = session();
    await to.ask(['echo']);
    await to.close();
    expect(process.getActiveResourcesInfo()).not.toContain('Timeout');
  });
});
