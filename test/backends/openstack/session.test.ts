import { afterEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { allPages } from '../../../backends/openstack/pages.ts';
import { OpenstackSession } from '../../../backends/openstack/session.ts';
import type { Fault } from '../../../engine/contract.ts';
import { FakeCloud, PASSWORD, type Route, TOKEN } from './fake-cloud.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Setup {
  readonly fake: FakeCloud;
  readonly session: OpenstackSession;
  readonly clock: { now_s: number };
}

async function setUp(route: Route, change: Partial<FakeCloud> = {}): Promise<Setup> {
  const fake = Object.assign(await new FakeCloud(route).open(), change);
  const clock = { now_s: 0 };
  const { cloud } = fake;
  const session = new OpenstackSession({ cloud, now_s: () => clock.now_s, random: () => 0 });
  ends.push(
    () => session.close(),
    () => fake.close(),
  );
  return { fake, session, clock };
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const answersServers: Route = ({ path }) =>
  path.startsWith('/compute/v2.1/servers') ? { body: { servers: [] } } : undefined;
const servers = (session: OpenstackSession) => session.get('compute', '/servers');

describe('signing in', () => {
  it('happens once for everybody who waits for it, and its token comes with every call', async () => {
    const { fake, session } = await setUp(answersServers);
    await Promise.all([servers(session), servers(session), servers(session)]);
    expect(fake.tokens).toBe(1);
    const calls = fake.asked('/compute/v2.1/servers');
    expect(calls.map(({ headers }) => headers['x-auth-token'])).toEqual(
      Array(3).fill(`${TOKEN}-1`),
    );
    expect(JSON.parse(fake.asked('/v3/auth/tokens')[0].body)).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'u', domain: { id: 'default' }, password: PASSWORD } },
        },
        scope: { project: { name: 'p', domain: { id: 'default' } } },
      },
    });
  });

  it('is done again before the token ends, by the clock that measured its life', async () => {
    const { fake, session, clock } = await setUp(answersServers);
    await servers(session);
    clock.now_s = 3600 - 61;
    await servers(session);
    expect(fake.tokens).toBe(1);
    clock.now_s = 3600 - 59;
    await servers(session);
    expect(fake.tokens).toBe(2);
  });

  it('a token that lives less than a minute is used for most of its life', async () => {
    const { fake, session, clock } = await setUp(answersServers, { life_s: 30 });
    await servers(session);
    clock.now_s = 26;
    await servers(session);
    expect(fake.tokens).toBe(1);
    clock.now_s = 28;
    await servers(session);
    expect(fake.tokens).toBe(2);
  });

  it('is done again once when a service refuses the token, and the call is repeated', async () => {
    let refused = 0;
    const { fake, session } = await setUp((seen, response) => {
      if (seen.headers['x-auth-token'] === `${TOKEN}-1` && seen.path.includes('/servers')) {
        refused++;
        return {
          status: 401,
          body: { error: { code: 401, title: 'Unauthorized', message: 'no' } },
        };
      }
      return answersServers(seen, response);
    });
    await servers(session);
    expect({ refused, tokens: fake.tokens }).toEqual({ refused: 1, tokens: 2 });
  });

  it('a second refusal is a fault', async () => {
    const { fake, session } = await setUp(({ path }) =>
      path.includes('/servers') ? { status: 401, body: {} } : undefined,
    );
    expect(await faultOf(servers(session))).toMatchObject({
      code: 'OPENSTACK_UNAUTHENTICATED',
      effect: 'none',
    });
    expect(fake.asked('/compute/v2.1/servers')).toHaveLength(2);
  });

  it('what is not keystone is told apart', async () => {
    const { session } = await setUp(() => ({ body: '<html>hello</html>' }));
    expect(await faultOf(servers(session))).toMatchObject({
      code: 'OPENSTACK_MALFORMED',
      effect: 'none',
    });
  });
});

describe('microversions', () => {
  it('the newest that both sides know is named in every call', async () => {
    const { fake, session } = await setUp((seen, response) =>
      seen.path === '/compute/v2.1/'
        ? { body: { version: { version: '2.79', min_version: '2.1', status: 'CURRENT' } } }
        : answersServers(seen, response),
    );
    await servers(session);
    const [{ headers }] = fake.asked('/compute/v2.1/servers');
    expect(headers['openstack-api-version']).toBe('compute 2.79');
    await servers(session);
    expect(fake.asked('/compute/v2.1/')).toHaveLength(1);
  });

  it('a service that is too old is named, with what is needed', async () => {
    const { session } = await setUp((seen, response) =>
      seen.path === '/compute/v2.1/'
        ? { body: { version: { version: '2.38', min_version: '2.1', status: 'CURRENT' } } }
        : answersServers(seen, response),
    );
    const fault = await faultOf(servers(session));
    expect(fault).toMatchObject({ code: 'OPENSTACK_UNSUPPORTED_VERSION', effect: 'none' });
    expect(fault.message).toContain('2.53');
  });
});

describe('the catalogue', () => {
  it('a service that is not in it is named with those that are', async () => {
    const { session } = await setUp(answersServers);
    const fault = await faultOf(session.get('placement', '/'));
    expect(fault).toMatchObject({ code: 'OPENSTACK_NO_ENDPOINT' });
    expect(fault.message).toContain('compute, network, image');
  });

  it('versions are added where the catalogue leaves them out', async () => {
    const { session, fake } = await setUp(() => undefined);
    expect(await session.endpoint('network')).toBe(`${fake.url}/network/v2.0`);
    expect(await session.endpoint('image')).toBe(`${fake.url}/image/v2`);
    expect(await session.endpoint('identity')).toBe(`${fake.url}/v3`);
  });
});

describe('pages', () => {
  it('are followed to the last one, however the service links them', async () => {
    const { session } = await setUp(({ path }) => {
      const page = Number(new URL(path, 'http://x').searchParams.get('marker') ?? 0);
      const next = page < 3 ? `http://elsewhere/what?marker=${page + 1}` : undefined;
      const items = [{ id: `i${page}` }];
      if (path.startsWith('/compute/v2.1/servers')) {
        const links = next ? [{ rel: 'next', href: next }] : [];
        return { body: { servers: items, servers_links: links } };
      }
      if (path.startsWith('/image/v2/images')) return { body: { images: items, next } };
      if (path.startsWith('/v3/projects')) return { body: { projects: items, links: { next } } };
      return undefined;
    });
    for (const [service, path, many] of [
      ['compute', '/servers', 'servers'],
      ['image', '/images', 'images'],
      ['identity', '/projects', 'projects'],
    ] as const) {
      const found = await allPages(session, service, path, many);
      expect(found.map(({ id }) => id)).toEqual(['i0', 'i1', 'i2', 'i3']);
    }
  });

  it('a page that leads back to itself ends in a fault', async () => {
    const { session } = await setUp(({ path }) =>
      path.startsWith('/image/')
        ? { body: { images: [], next: '/v2/images?marker=again' } }
        : undefined,
    );
    expect(await faultOf(allPages(session, 'image', '/images', 'images'))).toMatchObject({
      code: 'OPENSTACK_MALFORMED',
      effect: 'none',
    });
  });
});

describe('answers that are hostile', () => {
  const answering =
    (reply: Route): Route =>
    (seen, response) =>
      seen.path.startsWith('/compute/v2.1/servers') ? reply(seen, response) : undefined;

  it.each([
    ['not JSON', { body: 'ready' }, 'OPENSTACK_MALFORMED'],
    ['a list instead of an object', { body: [] }, 'OPENSTACK_MALFORMED'],
    ['an error page', { status: 502, body: '<h1>Bad gateway</h1>' }, 'OPENSTACK_SERVICE_FAILED'],
    ['an error that is nonsense', { status: 400, body: { a: [1] } }, 'OPENSTACK_BAD_REQUEST'],
    ['a redirection', { status: 302, headers: { location: '/' } }, 'OPENSTACK_REFUSED'],
  ] as const)('%s', async (_, reply, code) => {
    const { session } = await setUp(answering(() => reply));
    expect(await faultOf(servers(session))).toMatchObject({ code });
  });

  it('an answer without end is cut off', async () => {
    const { session } = await setUp(
      answering((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(1 << 20, '"');
        const write = () => {
          while (!response.destroyed && response.write(chunk));
          response.once('drain', write);
        };
        write();
        return undefined;
      }),
    );
    expect(await faultOf(servers(session))).toMatchObject({
      code: 'OPENSTACK_ANSWER_TOO_LARGE',
      effect: 'none',
      retryable: false,
    });
  });

  it('an answer that breaks off is one of a lost connection, after several tries', async () => {
    const { session, fake } = await setUp(
      answering((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"servers": [');
        setImmediate(() => response.destroy());
        return undefined;
      }),
    );
    expect(await faultOf(servers(session))).toMatchObject({
      code: 'OPENSTACK_CONNECTION_LOST',
      effect: 'none',
      retryable: true,
    });
    expect(fake.asked('/compute/v2.1/servers')).toHaveLength(4);
  });

  it('an answer that does not come is given up, and the call may have acted', async () => {
    const { session } = await setUp(answering((_, response) => void response.writeHead(200)));
    const call = session.call('compute', {
      method: 'POST',
      path: '/servers',
      body: {},
      answer_s: 0.2,
    });
    expect(await faultOf(call)).toMatchObject({ code: 'OPENSTACK_NO_ANSWER', effect: 'unknown' });
  });

  it('a secret that a service repeats is not passed on', async () => {
    const { session } = await setUp(
      answering(({ headers }) => ({
        status: 400,
        body: `your token ${headers['x-auth-token']} and your password ${PASSWORD} are bad`,
      })),
    );
    const text = JSON.stringify(await faultOf(servers(session)));
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(TOKEN);
    expect(text).toContain('[secret]');
  });

  it('a JSON error that repeats a secret is not passed on either', async () => {
    const { session } = await setUp(
      answering(({ headers }) => ({
        status: 400,
        body: { badRequest: { code: 400, message: `${PASSWORD} ${headers['x-auth-token']}` } },
      })),
    );
    const text = JSON.stringify(await faultOf(servers(session)));
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(TOKEN);
  });
});
