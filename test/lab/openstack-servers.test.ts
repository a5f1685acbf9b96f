import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import type { Fault, Observation } from '../../engine/contract.ts';
import { COMPUTES } from '../../lab/openstack/computes.ts';
import { server } from '../../model/iaas/server.ts';
import { MachineSteps } from '../support/machine-steps.ts';
import { changeText, holdChanges, newChanges } from './nova-log.ts';
import {
  ask,
  closed,
  killCompute,
  openOpenstack,
  reach,
  restartCompute,
  useCloud,
} from './openstack-lab.ts';

const PREFIX = 'acts-';
const NAME = `${PREFIX}${process.pid}`;
const ACTIVE = 'active.idle+UP';
const VERB_TIMEOUT_MS = 120_000;
const machine = new MachineSteps(server);
let backend: OpenstackBackend;
let uuid = '';

useCloud({ prefix: PREFIX, leaves: ['server'] }, (opened) => {
  backend = opened;
});

type ActRow = readonly [
  verb: string,
  to: string,
  params: Readonly<Record<string, unknown>>,
  recorded: string,
];

/** Each with the name that the recorded run of it has, if there is one. */
const ACTS: readonly ActRow[] = [
  ['create', ACTIVE, {}, 'create'],
  ['stop', 'stopped.idle+UP', {}, 'stop'],
  ['start', ACTIVE, {}, 'start'],
  ['reboot', ACTIVE, {}, 'reboot SOFT'],
  ['hard_reboot', ACTIVE, {}, 'reboot HARD'],
  ['pause', 'paused.idle+UP', {}, 'pause'],
  ['snapshot', 'paused.idle+UP', { snapshot_name: `${NAME}-paused` }, ''],
  ['unpause', ACTIVE, {}, 'unpause'],
  ['suspend', 'suspended.idle+UP', {}, 'suspend'],
  ['resume', ACTIVE, {}, 'resume'],
  ['rescue', 'rescued.idle+UP', {}, 'rescue'],
  ['unrescue', ACTIVE, {}, 'unrescue'],
  ['lock', ACTIVE, { lock_reason: 'a test' }, ''],
  ['unlock', ACTIVE, {}, ''],
  ['rebuild', ACTIVE, {}, 'rebuild'],
  ['resize', 'resized.idle+UP', { flavor: 'm1.small' }, 'resize m1.small'],
  ['confirm_resize', ACTIVE, {}, 'confirmResize'],
  ['migrate', 'resized.idle+UP', { flavor: undefined }, 'cold migrate'],
  ['revert_resize', ACTIVE, {}, 'revertResize'],
  ['live_migrate', ACTIVE, {}, 'live migrate cmp2->cmp1'],
  ['snapshot', ACTIVE, { snapshot_name: `${NAME}-snapshot` }, 'snapshot'],
  ['shelve', 'shelved_offloaded.idle+UP', {}, 'shelve'],
  ['unshelve', ACTIVE, {}, 'unshelve'],
  ['reset_state', 'error.idle+UP', { state: 'error' }, ''],
  ['reset_state', ACTIVE, { state: 'active' }, ''],
  ['delete', 'absent', {}, 'delete'],
];

const RECORDED = fileURLToPath(
  new URL('../../../shared/lab/openstack/scenario.out', import.meta.url),
);
const isRecorded = existsSync(RECORDED);
if (!isRecorded) console.log(`not compared with an earlier run: ${RECORDED} is absent`);

/** The changes that nova notified of in the recorded run, by the name of the act. */
function recordedChanges(): ReadonlyMap<string, string> {
  if (!isRecorded) return new Map();
  const acts = readFileSync(RECORDED, 'utf8').split('\n## ').slice(1);
  return new Map(
    acts.map((text) => [
      text.slice(0, text.indexOf(':')),
      /^ {3}notif: (.*)$/m.exec(text)?.[1].trim() ?? '',
    ]),
  );
}

const recorded = recordedChanges();
let changesSoFar = 0;
let stood = 'building.scheduling';

describe('every act of a server, carried out by nova', () => {
  it.each(ACTS)(
    '%s leads to %s, by steps that the machine knows',
    async (verb, to, params, name) => {
      const seen: Observation[] = [];
      const stop = backend.watch((each) => each.entity === NAME && seen.push(each));
      expect(await reach(backend, 'server', NAME, verb, params)).toBe(to);
      stop();
      if (verb === 'create') {
        const { attributes } = await backend.driver.observe('server', NAME);
        uuid = String(attributes?.['id']);
      }
      const changes = await newChanges(uuid, changesSoFar, to.split('+')[0]);
      changesSoFar += changes.length;
      stood = holdChanges(machine, stood, changes);
      // What the driver reports is a path of the machine as well, the missed steps filled in.
      for (const [i, { state }] of seen.entries()) {
        const [before, after] = [seen[i - 1]?.state.split('+')[0], state.split('+')[0]];
        if (before === undefined || after === 'absent') continue;
        expect(machine.leads(before, after), `${before} -> ${after}`).toBe(true);
      }
      const earlier = recorded.get(name);
      if (earlier !== undefined) expect(changes.map(changeText).join('  ')).toBe(earlier);
    },
    VERB_TIMEOUT_MS,
  );
});

describe('the verbs that the machine requests, one step after the other', () => {
  const stepped = `${PREFIX}steps-${process.pid}`;

  it(
    'follow what the first of them has begun, and begin nothing twice',
    async () => {
      for (const verb of [
        ...['schedule', 'claim', 'allocate_network', 'map_block_devices', 'spawn'],
        ...['request_reboot', 'prepare_reboot', 'reboot'],
        ...['request_snapshot', 'snapshot', 'upload_snapshot'],
      ]) {
        await reach(backend, 'server', stepped, verb, { snapshot_name: `${stepped}-snapshot` });
      }
      const seen = await backend.driver.observe('server', stepped);
      expect(seen.state).toBe(ACTIVE);
      const path = `/servers/${seen.attributes?.['id']}/os-instance-actions`;
      const { instanceActions } = await backend.driver.session.get('compute', path);
      const done = (instanceActions as { action: string }[]).map(({ action }) => action);
      expect(done.sort()).toEqual(['create', 'createImage', 'reboot']);
      // By itself the same name is the whole act.
      expect(await reach(backend, 'server', stepped, 'reboot')).toBe(ACTIVE);
      const after = await backend.driver.session.get('compute', path);
      expect(after['instanceActions']).toHaveLength(4);
    },
    VERB_TIMEOUT_MS,
  );
});

describe('what nova refuses or fails', () => {
  const other = `${PREFIX}other-${process.pid}`;
  const fault = async (
    verb: string,
    params: Readonly<Record<string, unknown>> = {},
    name = other,
  ): Promise<Fault> => {
    const outcome = await ask(backend, 'server', name, verb, params);
    if (outcome.type !== 'fault') throw new Error(`${verb}: ${JSON.stringify(outcome)}`);
    return outcome.fault;
  };

  beforeAll(async () => {
    await reach(backend, 'server', other, 'create');
    await reach(backend, 'project', 'admin', 'set_quota', {
      quota_vcpus: 200,
      quota_memory_bytes: 2 ** 40,
    });
  }, VERB_TIMEOUT_MS);

  it('no host for a new server: 202, then ERROR', async () => {
    const huge = `${PREFIX}huge-${process.pid}`;
    expect(await fault('create', { flavor: 'm1.huge' }, huge)).toMatchObject({
      code: 'OPENSTACK_NO_VALID_HOST',
      upstream: '500',
      effect: 'done',
    });
    expect(await backend.driver.observe('server', huge)).toMatchObject({ state: 'error.idle+UP' });
    // Asked for once more, it is still the one that failed.
    expect(await fault('create', { flavor: 'm1.huge' }, huge)).toMatchObject({
      code: 'OPENSTACK_NO_VALID_HOST',
    });
    expect(await reach(backend, 'server', huge, 'delete')).toBe('absent');
  });

  it('no host for a resize: only the log of actions tells, and the server stays as it was', async () => {
    expect(await fault('resize', { flavor: 'm1.huge' })).toMatchObject({
      code: 'OPENSTACK_NO_VALID_HOST',
      upstream: 'os-instance-actions',
    });
    expect(await backend.driver.observe('server', other)).toMatchObject({ state: ACTIVE });
  });

  it.each([
    ['start', {}, 'OPENSTACK_WRONG_STATE', '409 conflictingRequest'],
    ['confirm_resize', {}, 'OPENSTACK_WRONG_STATE', '409 conflictingRequest'],
    ['resize', { flavor: 'm1.tiny' }, 'OPENSTACK_BAD_REQUEST', '400 badRequest'],
    ['resize', { flavor: 'nope' }, 'OPENSTACK_NOT_FOUND', undefined],
    ['evacuate', {}, 'OPENSTACK_BAD_REQUEST', '400 badRequest'],
    ['claim', {}, 'OPENSTACK_WRONG_STATE', undefined],
  ] as const)('%s %j is refused without effect', async (verb, params, code, upstream) => {
    const said = await fault(verb, params);
    expect(said).toMatchObject({ code, effect: 'none', retryable: false });
    expect(said.upstream).toBe(upstream);
    expect(said.message).toContain(verb === 'resize' && params.flavor === 'nope' ? 'nope' : other);
  });

  it('what is not there cannot be acted on, but deleted it is', async () => {
    const nobody = `${PREFIX}nobody`;
    expect(await fault('stop', {}, nobody)).toMatchObject({ code: 'OPENSTACK_NOT_FOUND' });
    expect(await reach(backend, 'server', nobody, 'delete')).toBe('absent');
  });

  it('a plain user is refused what policy keeps for administrators', async () => {
    const demo = await openOpenstack('demo');
    const outcome = await ask(demo, 'flavor', 'acts-flavor', 'create', {
      vcpus: 1,
      memory_bytes: 2 ** 26,
    });
    expect(outcome).toMatchObject({
      fault: { code: 'OPENSTACK_FORBIDDEN', upstream: '403 forbidden', effect: 'none' },
    });
    const theirs = await demo.driver.list();
    expect(theirs.filter(({ kind }) => kind === 'server')).toEqual([]);
    expect(theirs.some(({ kind }) => kind === 'flavor')).toBe(true);
    await closed(demo);
  });

  it(
    'evacuates a server from a host that is forced down, and lets the host back',
    async () => {
      const before = await backend.driver.observe('server', other);
      const host = String(before.attributes?.['host']);
      expect(COMPUTES.map((compute) => compute.host)).toContain(host);
      await killCompute(host);
      const down = await reach(backend, 'compute-service', host, 'force_down');
      expect(down).toBe('forced_down+enabled');
      try {
        const cut = await backend.driver.observe('server', other);
        expect(cut).toMatchObject({ state: 'active.idle+DOWN' });
        expect(await reach(backend, 'server', other, 'evacuate')).toBe(ACTIVE);
        const after = await backend.driver.observe('server', other);
        expect(after.attributes?.['host']).not.toBe(host);
        // nova lets it back only after nova-compute has looked at what it lost.
        expect(await ask(backend, 'compute-service', host, 'unforce')).toMatchObject({
          fault: { code: 'OPENSTACK_BAD_REQUEST', effect: 'none' },
        });
      } finally {
        await letBack(host);
      }
    },
    VERB_TIMEOUT_MS,
  );

  /** Starts nova-compute of a host and takes the mark away as soon as nova permits it. */
  async function letBack(host: string): Promise<void> {
    await restartCompute(host);
    for (let attempt = 0; attempt < 60; attempt++) {
      const outcome = await ask(backend, 'compute-service', host, 'unforce');
      if (outcome.type === 'done') break;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    expect(await reach(backend, 'compute-service', host, 'start')).toBe('up.reporting+enabled');
  }
});
