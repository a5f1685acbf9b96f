/** What the verb `write` of files takes. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../../backends/secret.ts';
import { SshDriver } from '../../../backends/ssh/driver.ts';
import type { Action } from '../../../engine/contract.ts';
import { FakeHost, keyPair } from './fake-host.ts';

let host: FakeHost;
let driver: SshDriver;
let asked: string[];

beforeEach(async () => {
  asked = [];
  host = new FakeHost();
  await host.listen();
  host.exec = (accept, _client, command) => {
    asked.push(command);
    const channel = accept();
    channel.stderr.write('No such file or directory\n');
    channel.exit(1);
    channel.end();
  };
  driver = new SshDriver({
    targets: [
      {
        ...{ alias: 'fake', host: '127.0.0.1', port: host.port, user: 'u', jumps: [] },
        ...{ keys: [new Secret(keyPair().private)], agent: undefined, connect_s: 5 },
        knownHosts: [host.knownHosts()],
      },
    ],
  });
});
afterEach(async () => {
  await driver.close();
  await host.close();
});

it.each([
  ['nothing', {}, 'content'],
  ['both', { content: 'x', source: '/etc/motd' }, 'content'],
  ['a number', { content: 7 }, 'content:'],
  ['what is no path', { source: 'etc/motd' }, 'source:'],
  ['a file that is not here', { source: '/no/such/file' }, 'source:'],
  ['a number as mode', { content: 'x', mode: 644 }, 'mode:'],
  ['no mode', { content: 'x', mode: 'rw-r--r--' }, 'mode:'],
])('a file is not written of %s', async (_what, params, named) => {
  const action: Action = {
    ...{ key: 'k', layer: 'operating-system', kind: 'file', entity: 'fake/etc/motd' },
    ...{ verb: 'write', params, deadline_s: 60 },
  };
  const attempt = { signal: new AbortController().signal, effect: () => {} };
  await expect(driver.perform(action, attempt)).rejects.toMatchObject({
    fault: { code: 'SSH_BAD_PARAMS', effect: 'none', message: expect.stringContaining(named) },
  });
  expect(asked.filter((command) => !/\bstat\b/.test(command))).toEqual([]);
});
