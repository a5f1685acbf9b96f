import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { CharmArchive, readCharm } from '../../../backends/juju/charm-archive.ts';
import { channelOf, charmName, isLocalCharm } from '../../../backends/juju/charms.ts';
import { parseConstraints, parsePlacement } from '../../../backends/juju/constraints.ts';
import { labCharm, zip } from '../../../lab/juju/charm-file.ts';
import { CharmFolder } from './controller-under-test.ts';

const folder = new CharmFolder();
afterAll(() => folder.remove());

const codeOf = async (work: () => unknown) => {
  try {
    await work();
    return 'no fault';
  } catch (thrown) {
    return thrown instanceof FaultError ? thrown.fault.code : String(thrown);
  }
};

describe('a packed charm', () => {
  it('says its name, base and architecture', async () => {
    expect(await readCharm(folder.charm('web'))).toMatchObject({
      ...{ name: 'web', base: { name: 'ubuntu', channel: '22.04' }, architecture: 'amd64' },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('may be compressed', async () => {
    const text = 'name: packed\n'.repeat(50);
    const [plain, packed] = [Buffer.from(text), deflateRawSync(text)];
    const file = zip({ 'metadata.yaml': text });
    const body = file.indexOf(plain);
    const rest = Buffer.from(file.subarray(body + plain.length));
    const head = Buffer.from(file.subarray(0, body));
    const at = rest.indexOf('PK\x01\x02');
    rest.writeUInt16LE(8, at + 10);
    rest.writeUInt32LE(packed.length, at + 20);
    const end = rest.indexOf('PK\x05\x06');
    rest.writeUInt32LE(head.length + packed.length + at, end + 16);
    const archive = new CharmArchive(Buffer.concat([head, packed, rest]));
    expect(await archive.text('metadata.yaml')).toBe(text);
  });

  it.each([
    ['is no ZIP', Buffer.from('hello')],
    ['is empty', Buffer.alloc(0)],
    ['has no metadata', zip({ dispatch: '' })],
    ['has no code', zip({ 'metadata.yaml': 'name: web' })],
    ['has a name that is none', zip({ 'metadata.yaml': 'name: ../web', dispatch: '' })],
    ['has metadata that is no YAML', zip({ 'metadata.yaml': ']', dispatch: '' })],
  ])('that %s ends in a fault', async (what, data) => {
    const path = folder.write(`${what.replaceAll(' ', '-')}.charm`, data);
    expect(await codeOf(() => readCharm(path))).toBe('JUJU_BAD_CHARM');
  });

  it('that is not there ends in a fault', async () => {
    expect(await codeOf(() => readCharm('/nowhere/x.charm'))).toBe('JUJU_BAD_CHARM');
  });

  it('with any of its bytes changed or cut off is read or refused, never anything else', async () => {
    const whole = labCharm('web');
    const path = folder.write('broken.charm', '');
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(whole.length),
      async (changes, length) => {
        const data = Buffer.from(whole);
        for (const [at, byte] of changes) data[at] = byte;
        folder.write('broken.charm', data.subarray(0, length));
        expect(['no fault', 'JUJU_BAD_CHARM']).toContain(await codeOf(() => readCharm(path)));
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('names, constraints and placements', () => {
  it.each([
    ['local:web-3', 'web'],
    ['ch:amd64/jammy/mysql-k8s-14', 'mysql-k8s'],
    ['ch:mysql', 'mysql'],
  ])('%s is of charm %s', (url, name) => expect(charmName(url)).toBe(name));

  it.each([
    ['./a', true],
    ['../a.charm', true],
    ['/a', true],
    ['a.charm', true],
    ['mysql', false],
    ['ch:mysql', false],
  ])('%s is a file: %s', (charm, isFile) => expect(isLocalCharm(charm)).toBe(isFile));

  it.each([
    ['stable', { risk: 'stable' }],
    ['8', { track: '8', risk: 'stable' }],
    ['8/edge/fix', { track: '8', risk: 'edge', branch: 'fix' }],
  ])('channel %s is %j', (text, channel) => expect(channelOf(text)).toEqual(channel));

  it('constraints are in MiB, lists and truths', () => {
    const line = 'cores=2 mem=1.5G root-disk=8T tags=a,b allocate-public-ip=false arch=arm64';
    expect(parseConstraints(line)).toEqual({
      ...{ cores: 2, mem: 1536, 'root-disk': 8 * 1024 ** 2, tags: ['a', 'b'] },
      ...{ 'allocate-public-ip': false, arch: 'arm64' },
    });
  });

  it.each(['cores=two', 'mem', 'colour=red', 'mem=1Q', 'constructor=1'])('not %s', async (line) => {
    expect(await codeOf(() => parseConstraints(line))).toBe('JUJU_BAD_PARAMS');
  });

  it.each([
    ['3', { scope: '#', directive: '3' }],
    ['0/lxd/1', { scope: '#', directive: '0/lxd/1' }],
    ['lxd:0', { scope: 'lxd', directive: '0' }],
    ['lxd', { scope: 'lxd', directive: '' }],
    ['zone=a', { scope: 'uuid', directive: 'zone=a' }],
  ])('%s is placed at %j', (to, placement) => {
    expect(parsePlacement(to, 'uuid')).toEqual(placement);
  });
});
