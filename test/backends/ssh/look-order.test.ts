/** Looks at a host whose answers come in another order than they were asked for. */
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../../backends/secret.ts';
import { SshDriver } from '../../../backends/ssh/driver.ts';
import type { Observation } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeHost, keyPair } from './fake-host.ts';

const OWN = keyPair();
const UNIT = 'fake/web.service';

let host: FakeHost;
let driver: SshDriver;
let heard: string[];
/** Questions about the unit that wait for their answer, in the order in which they came. */
let asked: ((active: string) => void)[];
let polled: ((active: string) => void)[];

beforeEach(async () => {
  [heard, asked, polled] = [[], [], []];
  host = new FakeHost();
  await host.listen();
  host.exec = (accept, _client, command) => {
    const channel = accept();
    const answer = (text: string) => end(channel, text);
    if (command.includes('list-units')) {
      polled.push((active) => answer(JSON.stringify([{ ...LISTED, active }])));
    } else if (command.includes('LoadState')) {
      asked.push((active) => answer(`LoadState=loaded\nActiveState=${active}\nSubState=x\n`));
    } else if (/lscpu|lsblk|'?ip'? /.test(command)) {
      end(channel, '', PROGRAM_MISSING);
    } else {
      answer('running\n');
    }
  };
  driver = new SshDriver({
    targets: [
      {
        ...{ alias: 'fake', host: '127.0.0.1', port: host.port, user: 'u', jumps: [] },
        ...{ keys: [new Secret(OWN.private)], agent: undefined, connect_s: 5 },
        knownHosts: [host.knownHosts()],
      },
    ],
    poll: { every_s: 0.01, failed: { first_s: 0.01, max_s: 0.01 } },
  });
});
afterEach(async () => {
  await driver.close();
  await host.close();
});

const LISTED = { unit: 'web.service', sub: 'x' };

const PROGRAM_MISSING = 127;

function end(channel: ServerChannel, text: string, status = 0): void {
  channel.write(text);
  channel.exit(status);
  channel.end();
}

function listen(): () => void {
  return driver.watch(({ entity, state }: Observation) => {
    if (entity === UNIT) heard.push(state);
  });
}

it('a look that took longer than a later one is not reported', async () => {
  const leave = listen();
  const early = driver.observe('systemd-unit', UNIT);
  await eventually(() => expect(asked).toHaveLength(1));
  const late = driver.observe('systemd-unit', UNIT);
  await eventually(() => expect(asked).toHaveLength(2));
  asked[1]('inactive');
  expect(await late).toMatchObject({ state: 'inactive' });
  asked[0]('active');
  expect(await early).toMatchObject({ state: 'active' });
  expect(heard).toEqual(['inactive']);
  leave();
});

it('nor is a list that was asked for before', async () => {
  const leave = listen();
  await eventually(() => expect(polled).toHaveLength(1));
  const late = driver.observe('systemd-unit', UNIT);
  await eventually(() => expect(asked).toHaveLength(1));
  asked[0]('inactive');
  await late;
  polled[0]('active');
  // The next one begins when this one is over.
  await eventually(() => expect(polled).toHaveLength(2));
  expect(heard).toEqual(['inactive']);
  polled[1]('failed');
  await eventually(() => expect(heard).toEqual(['inactive', 'failed']));
  leave();
});
