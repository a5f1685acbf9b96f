/** What verbs are given is read by the schemas that the reference shows, and before anything is changed. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import type { Cloud } from '../../../backends/openstack/cloud.ts';
import { OpenstackDriver } from '../../../backends/openstack/driver.ts';
import { COLLECTIONS, type CollectionName } from '../../../backends/openstack/lookup.ts';
import { NeutronDriver, neutronSpec } from '../../../backends/openstack/neutron.ts';
import { openstackSpec } from '../../../backends/openstack/spec.ts';
import type { Fault, Observation } from '../../../engine/contract.ts';
import { FakeCloud, type Reply, type Seen } from './fake-cloud.ts';

/** Everything in the cloud is called so. */
const NAME = 'thing';
const ITEM = {
  ...{ id: 'u1', name: NAME, description: NAME, host: NAME, hosts: [], fixed_ips: [] },
  'OS-EXT-STS:vm_state': 'active',
};
/** Values that are right, by field; those that nobody asked for are left out. */
const RIGHT: Readonly<Record<string, unknown>> = {
  ...{ flavor: NAME, image: NAME, server: NAME, network: NAME, external_network: NAME },
  ...{ volume_type: NAME, aggregate: NAME, host: NAME, snapshot: NAME, backup: NAME, port: NAME },
  ...{ vcpus: 1, memory_bytes: 2 ** 20, size_bytes: 2 ** 30, quota_servers: 1 },
  ...{ cidr: '192.0.2.0/24', networks: [NAME], rules: [{ direction: 'ingress' }] },
  file: fileURLToPath(import.meta.url),
};
const COLLECTION_OF: Readonly<Record<string, CollectionName>> = {
  ...{ 'logical-switch': 'network', 'logical-router': 'router', acl: 'security-group' },
  nat: 'floating-ip',
};
/** Where a thing stands for its verb to ask for something. */
const MAKES = ['create', 'schedule', 'download'];
const STATUSES: Readonly<Record<string, string>> = {
  ...{ upload: 'queued', save: 'queued', stage: 'queued', import: 'uploading' },
};
/** Verbs that would need parameters if the thing were not there. */
const JOINING: Readonly<Record<string, readonly string[]>> = {
  ...{ server: ['create', 'schedule'], volume: ['create', 'download'], flavor: ['create'] },
  ...{ image: ['upload', 'save'], port: ['create'], nat: ['create'] },
};

interface Asked {
  readonly kind: string;
  readonly verb: string;
  /** The thing is there, and has come to rest. */
  readonly isThere?: true;
}

let asked: Asked;
const fake = new FakeCloud(answer);
beforeAll(() => fake.open());
afterAll(() => fake.close());

/** Every list has the thing, but not that of what is to be made; whoever changes something is refused. */
function answer({ method, path }: Seen): Reply | undefined {
  if (path === '/v3/auth/tokens') return undefined;
  if (method !== 'GET') return { status: 400, body: { badRequest: { code: 400, message: 'no' } } };
  const { kind, verb, isThere } = asked;
  const collection = COLLECTIONS[COLLECTION_OF[kind] ?? (kind as CollectionName)];
  const isOwn = path.split(/[/?]/).includes(collection?.path.slice(1));
  const isMissing = isOwn && !isThere && MAKES.includes(verb);
  if (isMissing && path.endsWith(ITEM.id)) return undefined;
  const rests = kind === 'image' ? 'active' : 'available';
  const item = { ...ITEM, status: isThere ? rests : (STATUSES[verb] ?? rests) };
  const names = [...Object.values(COLLECTIONS).map(({ many }) => many), 'services', 'aggregates'];
  const lists = Object.fromEntries(names.map((name) => [name, isMissing ? [] : [item]]));
  return { body: { ...lists, server: item } };
}

const SERVICES = ['compute', 'volume', 'image', 'identity', 'network', 'placement'];

function cloud(): Cloud {
  const endpoints = Object.fromEntries(SERVICES.map((name) => [name, `${fake.url}/${name}`]));
  return { ...fake.cloud, endpoints, microversions: { compute: '2.93', volume: '3.70' } };
}

const changes = () =>
  fake.seen.filter(({ method, path }) => method !== 'GET' && path !== '/v3/auth/tokens');

describe.each([
  { spec: openstackSpec, open: () => new OpenstackDriver(cloud()) },
  { spec: neutronSpec, open: () => new NeutronDriver(cloud()) },
])('what the verbs of $spec.name take', ({ spec, open }) => {
  const verbs = Object.entries(spec.params ?? {}).flatMap(([kind, own]) =>
    Object.entries(own).map(([verb, { shape }]) => ({ kind, verb, shape })),
  );
  let driver: ReturnType<typeof open>;
  beforeAll(() => {
    driver = open();
  });
  afterAll(() => driver.close());
  beforeEach(() => {
    fake.seen.length = 0;
  });

  function perform(params: Readonly<Record<string, unknown>>): Promise<Observation | undefined> {
    const { layer } = driver;
    const action = { ...asked, layer, entity: NAME, key: 'k', params, deadline_s: 20 };
    return driver.perform(action, { signal: AbortSignal.timeout(20_000), effect: () => {} });
  }

  async function faultOf(params: Readonly<Record<string, unknown>>): Promise<Fault> {
    try {
      throw new Error(JSON.stringify(await perform(params)));
    } catch (thrown) {
      if (thrown instanceof FaultError) return thrown.fault;
      throw thrown;
    }
  }

  it.each(verbs)('$kind $verb asks for what it is given', async ({ kind, verb, shape }) => {
    asked = { kind, verb };
    const right = Object.entries(RIGHT).filter(([field]) => field in shape);
    expect(await faultOf(Object.fromEntries(right))).toMatchObject({
      ...{ code: 'OPENSTACK_BAD_REQUEST', upstream: '400 badRequest' },
    });
    expect(changes()).toHaveLength(1);
  });

  it.each(verbs)('$kind $verb refuses what is wrong, by its name', async (row) => {
    const { kind, verb, shape } = row;
    asked = { kind, verb };
    const wrong = fc
      .tuple(
        fc.constantFrom(...Object.keys(shape)),
        fc.oneof(fc.jsonValue(), fc.constant(undefined)),
      )
      .filter(([field, value]) => !shape[field].safeParse(value).success);
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const right = Object.entries(RIGHT).filter(([each]) => each in shape);
      const params = { ...Object.fromEntries(right), [field]: value };
      const { code, effect, message } = await faultOf(params);
      expect({ code, effect }).toEqual({ code: 'OPENSTACK_BAD_PARAMS', effect: 'none' });
      expect(message).toContain(`${verb} of ${NAME}: ${field}`);
      expect(changes()).toEqual([]);
    });
    await fc.assert(property, { numRuns: 20 });
  });

  const joining = verbs.filter(({ kind, verb }) => JOINING[kind]?.includes(verb));
  it.each(joining)('$kind $verb of what is there need be given nothing', async ({ kind, verb }) => {
    asked = { kind, verb, isThere: true };
    expect(await perform({})).toMatchObject({ kind, entity: NAME });
    expect(changes()).toEqual([]);
  });
});

it('a mistyped key of a security rule is refused: without it the rule would allow more', () => {
  const rule = { direction: 'ingress', protocol: 'tcp', ports: 22 };
  for (const schema of Object.values(neutronSpec.params['acl'])) {
    const { error } = schema.safeParse({ rules: [rule] });
    expect(error?.issues).toMatchObject([{ path: ['rules', 0], keys: ['ports'] }]);
  }
});
