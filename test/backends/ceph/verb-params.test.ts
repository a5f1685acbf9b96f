/** What verbs are given is read by the schemas that the reference shows, before anything is sent. */
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CephDriver } from '../../../backends/ceph/driver.ts';
import { cephDriverOptions, cephSpec } from '../../../backends/ceph/spec.ts';
import { CONFIRMATIONS } from '../../../backends/ceph/verbs.ts';
import { FaultError } from '../../../backends/fault.ts';
import type { Action, Fault } from '../../../engine/contract.ts';

/** Values that are right, by field. */
const RIGHT: Readonly<Record<string, unknown>> = {
  ...{ flag: 'noout', weight: 0.5, val: 3, quota: 1, application: 'rbd', caps: { mon: 'allow r' } },
  ...{ metadata_pool: 'm', data_pool: 'd', max_mds: 2, size_bytes: 2 ** 30, snapshot: 's' },
  ...{ parent: 'p/i', key: 'k', body: 'b', file: '/dev/null', max_bytes: 1 },
  ...Object.fromEntries(Object.keys(CONFIRMATIONS).map((word) => [word, true])),
};
const NAMES: Readonly<Record<string, string>> = { osd: 'osd.3', pg: '1.f', 'rbd-image': 'p/i' };

/** Whatever is asked of the cluster or of its gateway has no program to ask it with. */
const UNSENT = ['CEPH_NO_CLIENT', 'CEPH_NO_GATEWAY'];
const driver = new CephDriver({
  ...cephDriverOptions({}, {}),
  ...{ place: { conf: '', name: 'client.admin', cluster: 'ceph' }, wrapper: ['/nowhere/wrapper'] },
});
afterAll(() => driver.close());

let effects: string[] = [];
beforeEach(() => {
  effects = [];
});

async function faultOf(
  kind: string,
  verb: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Fault> {
  const action: Action = {
    ...{ key: 'k', kind, entity: NAMES[kind] ?? 'thing', verb, params, deadline_s: 20 },
    layer: 'sds',
  };
  const signal = AbortSignal.timeout(20_000);
  try {
    const seen = await driver.perform(action, { signal, effect: (each) => effects.push(each) });
    throw new Error(JSON.stringify(seen));
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
}

const VERBS = Object.entries(cephSpec.params ?? {}).flatMap(([kind, own]) =>
  Object.entries(own).map(([verb, schema]) => ({ kind, verb, schema })),
);

describe('what the verbs of ceph take', () => {
  it.each(VERBS)('$kind $verb asks for what it is given', async ({ kind, verb, schema }) => {
    const right = Object.entries(RIGHT).filter(([field]) => field in schema.shape);
    const { code } = await faultOf(kind, verb, Object.fromEntries(right));
    expect(UNSENT).toContain(code);
  });

  it.each(VERBS)('$kind $verb refuses what is wrong, by its name', async (row) => {
    const { kind, verb, schema } = row;
    const { shape } = schema;
    const wrong = fc
      .tuple(
        fc.constantFrom(...Object.keys(shape)),
        fc.oneof(fc.jsonValue(), fc.constant(undefined)),
      )
      .filter(([field, value]) => !shape[field].safeParse(value).success);
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const right = Object.entries(RIGHT).filter(([each]) => each in shape);
      const params = { ...Object.fromEntries(right), [field]: value };
      const { code, effect, message } = await faultOf(kind, verb, params);
      const expected = field in CONFIRMATIONS ? 'CEPH_NOT_CONFIRMED' : 'CEPH_BAD_PARAMS';
      expect({ code, effect }).toEqual({ code: expected, effect: 'none' });
      expect(message).toContain(`${verb} of ${NAMES[kind] ?? 'thing'}: ${field}`);
      expect(effects).toEqual([]);
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('a slip is told before a confirmation that is missing', async () => {
    const fault = await faultOf('osd', 'purge', { force: 'yes' });
    expect(fault).toMatchObject({ code: 'CEPH_BAD_PARAMS' });
    expect(fault.message).toContain('force');
  });

  it('an object is put from a text or from a file', async () => {
    expect(await faultOf('bucket', 'put_object', { key: 'k' })).toMatchObject({
      ...{ code: 'CEPH_BAD_PARAMS', message: expect.stringContaining('body or file') },
    });
    for (const from of [{ body: '' }, { file: '/dev/null' }]) {
      const { code } = await faultOf('bucket', 'put_object', { key: 'k', ...from });
      expect(UNSENT).toContain(code);
    }
  });
});
