import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubernetesBackend } from '../../../backends/kubernetes/driver.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeApi, json, list, status } from './fake-api.ts';

const JOBS = 'apis/batch/v1/jobs';

let server: FakeApi;
let backend: KubernetesBackend;
let seen: string[];
let watches: ServerResponse[];

beforeEach(async () => {
  server = new FakeApi();
  await server.listen();
  watches = [];
  server.answers[`GET ${JOBS}?watch`] = (_, response) => {
    response.writeHead(200).flushHeaders();
    watches.push(response);
  };
  backend = new KubernetesBackend({
    access: server.access,
    limits: { answer_s: 20 },
    watch: { failed: { first_s: 0.01, max_s: 0.02 } },
  });
  seen = [];
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

const job = (name: string, version: string, condition?: string) => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: version },
  spec: {},
  status: { conditions: condition ? [{ type: condition, status: 'True' }] : [] },
});
const lists = (...items: object[]) => {
  server.answers[`GET ${JOBS}`] = (_, response) => json(response, 200, list(items, '100'));
};
const tell = (type: string, object: object) =>
  watches.at(-1)?.write(`${JSON.stringify({ type, object })}\n`);
const asked = (watch: boolean) =>
  server.requests.filter(({ path, query }) => path === JOBS && query.has('watch') === watch);

async function watching(): Promise<void> {
  backend.watch(({ entity, kind, state }) => kind === 'job' && seen.push(`${entity} ${state}`));
  await eventually(() => expect(watches).toHaveLength(1));
}

describe('a watch', () => {
  it('lists first, and goes on from there', async () => {
    lists(job('a', '7'));
    await watching();
    expect(seen).toEqual(['a Active']);
    expect(asked(true)[0].query.get('resourceVersion')).toBe('100');
    tell('MODIFIED', job('a', '101', 'Complete'));
    tell('ADDED', job('b', '102'));
    tell('DELETED', job('a', '103', 'Complete'));
    await eventually(() =>
      expect(seen).toEqual(['a Active', 'a Complete', 'b Active', 'a absent']),
    );
  });

  it('that the server ends goes on from the last version, which bookmarks move on', async () => {
    lists();
    await watching();
    tell('BOOKMARK', { metadata: { resourceVersion: '250' } });
    watches[0].end();
    await eventually(() => expect(watches).toHaveLength(2));
    expect(asked(true)[1].query.get('resourceVersion')).toBe('250');
    expect(asked(false)).toHaveLength(1);
  });

  it('that breaks is begun anew from the last version', async () => {
    lists();
    await watching();
    tell('ADDED', job('a', '120'));
    await eventually(() => expect(seen).toEqual(['a Active']));
    watches[0].destroy();
    await eventually(() => expect(watches).toHaveLength(2));
    expect(asked(true)[1].query.get('resourceVersion')).toBe('120');
  });

  it.each([
    ['as an event', () => tell('ERROR', status(410, 'Expired', 'too old resource version'))],
    [
      'as an answer',
      () => {
        const watch = server.answers[`GET ${JOBS}?watch`];
        server.answers[`GET ${JOBS}?watch`] = (_, response) => {
          server.answers[`GET ${JOBS}?watch`] = watch;
          json(response, 410, status(410, 'Expired', 'too old resource version'));
        };
        watches[0].end();
      },
    ],
  ])(
    'whose version is forgotten (410 %s) lists again, and finds what it missed',
    async (_, expire) => {
      lists(job('a', '7'), job('b', '8'));
      await watching();
      lists(job('b', '300', 'Failed'), job('c', '301'));
      expire();
      await eventually(() => expect(watches).toHaveLength(2));
      expect(seen).toEqual(['a Active', 'b Active', 'a absent', 'b Failed', 'c Active']);
    },
  );

  it('never takes an older version of an object for news', async () => {
    lists(job('a', '105', 'Complete'));
    await watching();
    tell('MODIFIED', job('a', '104'));
    tell('ADDED', job('b', '106'));
    await eventually(() => expect(seen).toEqual(['a Complete', 'b Active']));
  });

  it.each([
    ['no JSON', 'garbage\n'],
    ['no event', '{"hello": 1}\n'],
    ['an unknown type', '{"type":"EXPLODED","object":{}}\n'],
    ['an event of no object', '{"type":"ADDED","object":7}\n'],
  ])('that brings %s is begun anew', async (_, line) => {
    lists();
    await watching();
    watches[0].write(line);
    await eventually(() => expect(watches.length).toBeGreaterThan(1));
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['fails', (response) => json(response, 500, {})],
    ['ends at once', (response) => response.writeHead(200).end()],
    [
      'ends after one event',
      (response) => {
        const object = job('a', '100');
        response.writeHead(200).end(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      },
    ],
    ['has always expired', (response) => json(response, 410, status(410, 'Expired', 'too old'))],
  ])('is not stormed when it %s again and again', async (_, answer) => {
    lists();
    let pauses = 0;
    const quiet = new KubernetesBackend({
      access: server.access,
      watch: { failed: { first_s: 0.01, max_s: 0.02 }, random: () => ++pauses && 1 },
    });
    server.answers[`GET ${JOBS}?watch`] = (_, response) => answer(response);
    quiet.watch(() => {});
    await eventually(() => expect(asked(true).length).toBeGreaterThan(4));
    await new Promise<void>((closed) => quiet.close(closed));
    expect(asked(true).length).toBeLessThanOrEqual(pauses + 1);
  });

  it('takes a version that nobody can count to for none', async () => {
    lists(job('a', '9'.repeat(100_000)));
    await watching();
    tell('MODIFIED', job('a', '101', 'Complete'));
    await eventually(() => expect(seen).toEqual(['a Active', 'a Complete']));
  });
});

describe('what depends on other objects', () => {
  it('is reported when they change', async () => {
    const nodes = 'api/v1/nodes';
    const node = (ready: string, version: string) => ({
      metadata: { name: 'n1', uid: 'n', resourceVersion: version },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    });
    const pod = {
      metadata: { name: 'p', namespace: 'default', uid: 'p', resourceVersion: '5' },
      spec: { nodeName: 'n1', containers: [] },
      status: {
        phase: 'Running',
        containerStatuses: [{ state: { running: {} }, restartCount: 0 }],
      },
    };
    let stream: ServerResponse | undefined;
    server.answers[`GET ${nodes}`] = (_, response) =>
      json(response, 200, list([node('True', '4')]));
    server.answers[`GET ${nodes}?watch`] = (_, response) => {
      response.writeHead(200).flushHeaders();
      stream = response;
    };
    server.answers['GET api/v1/pods'] = (_, response) => json(response, 200, list([pod]));
    backend.watch(({ entity, state }) => seen.push(`${entity} ${state}`));
    await eventually(() => expect(seen).toContain('p Running.Started+NotReady'));
    stream?.write(`${JSON.stringify({ type: 'MODIFIED', object: node('Unknown', '200') })}\n`);
    await eventually(() => expect(seen).toContain('p Running.Started+NodeLost'));
    expect(seen).toContain('n1 Unknown.tolerated+schedulable');
  });
});
