import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import type { Fault } from '../../engine/contract.ts';
import {
  ask,
  closed,
  killCompute,
  openOpenstack,
  reach,
  restartCompute,
  useCloud,
} from './openstack-lab.ts';

const PREFIX = 'kinds-';
const NAME = `${PREFIX}${process.pid}`;
const VERB_TIMEOUT_MS = 120_000;
const GIB = 2 ** 30;
let backend: OpenstackBackend;

const KINDS = ['server', 'volume', 'image', 'flavor', 'project'];
useCloud({ prefix: PREFIX, leaves: KINDS }, (opened) => {
  backend = opened;
});

async function fault(
  kind: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  from: OpenstackBackend = backend,
  entity: string = NAME,
): Promise<Fault> {
  const outcome = await ask(from, kind, entity, verb, params);
  if (outcome.type !== 'fault') throw new Error(`${verb}: ${JSON.stringify(outcome)}`);
  return outcome.fault;
}

const observed = async (kind: string, entity: string = NAME) =>
  backend.driver.observe(kind, entity);

describe('a volume of cinder', () => {
  const size = { size_bytes: GIB };

  it(
    'is made, attached, extended, detached, snapshotted, reverted, copied into an image and deleted',
    async () => {
      await reach(backend, 'server', NAME, 'create');
      expect(await reach(backend, 'volume', NAME, 'create', size)).toBe('available+up');
      expect(await reach(backend, 'volume', NAME, 'attach', { server: NAME })).toBe('in-use+up');
      expect(await fault('volume', 'delete')).toMatchObject({
        code: 'OPENSTACK_WRONG_STATE',
        upstream: '400 badRequest',
        effect: 'none',
      });
      expect(await fault('volume', 'attach', { server: NAME })).toMatchObject({
        upstream: '400 badRequest',
        effect: 'none',
      });
      const larger = { size_bytes: 2 * GIB };
      expect(await reach(backend, 'volume', NAME, 'extend', larger)).toBe('in-use+up');
      expect((await observed('volume')).attributes).toMatchObject(larger);
      expect(await reach(backend, 'volume', NAME, 'detach')).toBe('available+up');
      const snapshot = { snapshot: `${NAME}-snapshot` };
      expect(await reach(backend, 'volume', NAME, 'create_snapshot', snapshot)).toBe(
        'available+up',
      );
      expect(await fault('volume', 'delete')).toMatchObject({ code: 'OPENSTACK_WRONG_STATE' });
      expect(await reach(backend, 'volume', NAME, 'revert', snapshot)).toBe('available+up');
      const copy = { from_snapshot: `${NAME}-snapshot`, size_bytes: 2 * GIB };
      expect(await reach(backend, 'volume', `${NAME}-copy`, 'create', copy)).toBe('available+up');
      expect(await reach(backend, 'volume', NAME, 'delete_snapshot', snapshot)).toBe(
        'available+up',
      );
      const image = { image_name: `${NAME}-image`, disk_format: 'qcow2' };
      expect(await reach(backend, 'volume', NAME, 'upload', image)).toBe('available+up');
      expect(await observed('image', `${NAME}-image`)).toMatchObject({ state: 'active+up' });
      const error = { status: 'error' };
      expect(await reach(backend, 'volume', NAME, 'reset_status', error)).toBe('error+up');
      expect(await reach(backend, 'volume', NAME, 'delete')).toBe('absent');
    },
    3 * VERB_TIMEOUT_MS,
  );

  it('is filled from an image', async () => {
    const filled = `${NAME}-filled`;
    const params = { image: 'blank', ...size };
    expect(await reach(backend, 'volume', filled, 'download', params)).toBe('available+up');
    // Whoever asks for what is there already gets it, and no second one.
    expect(await reach(backend, 'volume', filled, 'create', params)).toBe('available+up');
    const all = await backend.driver.list();
    expect(all.filter(({ entity }) => entity === filled)).toHaveLength(1);
  });

  it('cannot shrink, be detached from nothing, or be of no size', async () => {
    const small = `${NAME}-small`;
    await reach(backend, 'volume', small, 'create', size);
    const shrink = await fault('volume', 'extend', size, backend, small);
    expect(shrink).toMatchObject({ code: 'OPENSTACK_BAD_REQUEST', upstream: '400 badRequest' });
    const detach = await fault('volume', 'detach', {}, backend, small);
    expect(detach).toMatchObject({ code: 'OPENSTACK_WRONG_STATE' });
    const nothing = await fault('volume', 'create', {}, backend, `${NAME}-none`);
    expect(nothing).toMatchObject({ code: 'OPENSTACK_BAD_PARAMS', effect: 'none' });
  });
});

it('a volume that no backend of cinder has room for ends in error, for the reason that cinder gives', async () => {
  const huge = { size_bytes: 500 * GIB };
  expect(await fault('volume', 'create', huge, backend, `${NAME}-huge`)).toMatchObject({
    code: 'OPENSTACK_NO_VALID_HOST',
    message: expect.stringMatching(/it is error now: schedule allocate volume: ?Could not find/),
    upstream: 'error',
  });
});

describe('an image of glance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-image-'));
  const file = join(folder, 'disk.raw');
  writeFileSync(file, Buffer.alloc(3_000_000, 'strata'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is uploaded from a file, kept from users and given back, and deleted', async () => {
    expect(await reach(backend, 'image', NAME, 'create')).toBe('queued+up');
    expect(await reach(backend, 'image', NAME, 'save', { file })).toBe('active+up');
    const { attributes } = await observed('image');
    expect(attributes).toMatchObject({ size_bytes: 3_000_000, disk_format: 'raw' });
    expect(await reach(backend, 'image', NAME, 'deactivate')).toBe('deactivated+up');
    expect(await reach(backend, 'image', NAME, 'reactivate')).toBe('active+up');
    expect(await reach(backend, 'image', NAME, 'delete')).toBe('absent');
  });

  it('is staged and imported', async () => {
    const staged = `${NAME}-staged`;
    expect(await reach(backend, 'image', staged, 'stage', { file })).toBe('uploading+up');
    expect(await reach(backend, 'image', staged, 'import')).toBe('active+up');
  });

  it('needs a file that can be read', async () => {
    const missing = { file: '/no/such/file' };
    expect(await fault('image', 'upload', missing, backend, `${NAME}-missing`)).toMatchObject({
      code: 'OPENSTACK_BAD_PARAMS',
      message: expect.stringContaining('/no/such/file'),
    });
  });
});

describe('flavors and projects', () => {
  it('a flavor is made, private or not, and deleted', async () => {
    const size = { vcpus: 2, memory_bytes: 512 * 2 ** 20, disk_bytes: 3 * GIB };
    const specs = { public: false, extra_specs: { 'hw:cpu_policy': 'shared' } };
    const flavor = { ...size, ...specs };
    expect(await reach(backend, 'flavor', NAME, 'create', flavor)).toBe('private');
    expect((await observed('flavor')).attributes).toMatchObject(size);
    expect(await reach(backend, 'flavor', NAME, 'delete')).toBe('absent');
  });

  it('a project has a quota in nova, cinder and neutron, and each service refuses more', async () => {
    const quota = {
      quota_servers: 1,
      quota_vcpus: 1,
      quota_memory_bytes: 2 ** 30,
      quota_volumes: 0,
      quota_networks: 0,
    };
    expect(await reach(backend, 'project', NAME, 'create', quota)).toBe('enabled');
    expect((await observed('project')).attributes).toMatchObject(quota);
    expect(await reach(backend, 'project', 'demo', 'set_quota', quota)).toBe('enabled');
    const demo = await openOpenstack('demo');
    try {
      const mine = `${NAME}-demo`;
      const server = await fault('server', 'create', { flavor: 'm1.large' }, demo, mine);
      expect(server).toMatchObject({
        code: 'OPENSTACK_QUOTA_EXCEEDED',
        upstream: '403 forbidden',
        effect: 'none',
      });
      const volume = await fault('volume', 'create', { size_bytes: GIB }, demo, mine);
      expect(volume).toMatchObject({
        code: 'OPENSTACK_QUOTA_EXCEEDED',
        upstream: '413 overLimit',
        effect: 'none',
      });
    } finally {
      await closed(demo);
    }
    const listed = (await backend.driver.list()).find(
      ({ kind, entity }) => kind === 'project' && entity === NAME,
    );
    expect(listed?.attributes).toMatchObject((await observed('project')).attributes ?? {});
    expect(listed?.attributes).toHaveProperty('quota_vcpus');
    expect(await reach(backend, 'project', NAME, 'disable')).toBe('disabled');
    expect(await reach(backend, 'project', NAME, 'enable')).toBe('enabled');
    expect(await reach(backend, 'project', NAME, 'delete')).toBe('absent');
  });
});

describe('a compute service of nova', () => {
  const HOST = 'cmp3';

  it('is disabled and enabled, and joins and leaves aggregates', async () => {
    const reason = { reason: 'a test' };
    expect(await reach(backend, 'compute-service', HOST, 'disable', reason)).toBe(
      'up.reporting+disabled',
    );
    expect((await observed('compute-service', HOST)).attributes).toMatchObject({
      disabled_reason: 'a test',
    });
    expect(await reach(backend, 'compute-service', HOST, 'enable')).toBe('up.reporting+enabled');
    const aggregate = { aggregate: NAME };
    await reach(backend, 'compute-service', HOST, 'add_to_aggregate', aggregate);
    expect(await listedHost()).toMatchObject({ aggregates: NAME });
    await reach(backend, 'compute-service', HOST, 'remove_from_aggregate', aggregate);
    expect(await listedHost()).not.toHaveProperty('aggregates');
    const unknown = await fault('compute-service', 'disable', {}, backend, 'no-such-host');
    expect(unknown).toMatchObject({ code: 'OPENSTACK_NOT_FOUND' });
  });

  it('is listed with what placement knows of its host', async () => {
    expect(await listedHost()).toMatchObject({
      hypervisor: 'fake',
      vcpus: expect.any(Number),
      memory_bytes: expect.any(Number),
      reserved_memory_bytes: 512 * 2 ** 20,
      cpu_allocation_ratio: 4,
    });
  });

  async function listedHost() {
    const all = await backend.driver.list();
    return all.find(({ kind, entity }) => kind === 'compute-service' && entity === HOST)
      ?.attributes;
  }
});

// One keeps the processors busy, the other waits until nova has missed some reports.
describe.concurrent('what takes long', () => {
  it(
    'a volume is backed up, overwritten by its backup and kept after it',
    async () => {
      const saved = `${NAME}-saved`;
      const backup = { backup: `${NAME}-backup` };
      await reach(backend, 'volume', saved, 'create', { size_bytes: GIB });
      const states: string[] = [];
      const stop = backend.watch(({ entity, state }) => {
        if (entity === saved) states.push(state);
      });
      expect(await reach(backend, 'volume', saved, 'backup', backup)).toBe('available+up');
      expect(await reach(backend, 'volume', saved, 'restore_backup', backup)).toBe('available+up');
      stop();
      expect(new Set(states)).toEqual(
        new Set(['available+up', 'backing-up+up', 'restoring-backup+up']),
      );
      expect(await reach(backend, 'volume', saved, 'delete_backup', backup)).toBe('available+up');
      expect(await fault('volume', 'restore_backup', backup, backend, saved)).toMatchObject({
        ...{ code: 'OPENSTACK_NOT_FOUND', effect: 'none' },
      });
    },
    VERB_TIMEOUT_MS,
  );

  it(
    'a compute service counts as down when it is dead, and is watched coming back',
    async () => {
      const host = 'cmp3';
      const states: string[] = [];
      const stop = backend.watch(({ entity, state }) => {
        if (entity === host) states.push(state);
      });
      await killCompute(host);
      const isDown = () => states.some((state) => state.startsWith('down'));
      for (let look = 0; look < 100 && !isDown(); look++) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      await restartCompute(host);
      expect(await reach(backend, 'compute-service', host, 'start')).toBe('up.reporting+enabled');
      stop();
      expect(states.at(-2)).toBe('down+enabled');
      expect(states.at(-1)).toBe('up.reporting+enabled');
    },
    2 * VERB_TIMEOUT_MS,
  );
});
