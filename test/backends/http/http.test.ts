import { createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import {
  HttpClient,
  type HttpOptions,
  type HttpRequest,
  httpFaults,
} from '../../../backends/http.ts';
import { Secret } from '../../../backends/secret.ts';
import type { Fault } from '../../../engine/contract.ts';
import { type Answer, drip, flood, HostileServer, whole } from './hostile-server.ts';
import { TEST_CA, TEST_CERTIFICATE, TEST_KEY } from './tls-files.ts';

const OPTIONS: HttpOptions = {
  prefix: 'TEST',
  who: 'the test server',
  connect_s: 2,
  answer_s: 20,
  answer_bytes_max: 100_000,
  retry: { first_s: 0.001, max_s: 0.002 },
};

let server: HostileServer;
let client: HttpClient;

beforeEach(async () => {
  server = new HostileServer();
  await server.listen();
  client = new HttpClient(OPTIONS);
});

/** Waits no longer than it must, where the test is that there is no answer. */
async function beImpatient(): Promise<void> {
  await client.close();
  client = new HttpClient({ ...OPTIONS, answer_s: 0.3 });
}

afterEach(async () => {
  await client.close();
  await server.close();
});

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error('no fault');
}

const get = (more: Partial<HttpRequest> = {}) =>
  client.json({ method: 'GET', ...more, url: more.url ?? server.url() });
const post = (more: Partial<HttpRequest> = {}) =>
  client.json({ method: 'POST', body: 'x=1', ...more, url: more.url ?? server.url() });

const HOSTILE: readonly [what: string, code: string, answer: Answer][] = [
  ['never answers', 'TEST_NO_ANSWER', () => {}],
  [
    'drips its headers',
    'TEST_NO_ANSWER',
    (s) => {
      s.write('HTTP/1.1 200 OK\r\nX-Name: ');
      drip(s, 'x', 5);
    },
  ],
  ['sends informational answers without end', 'TEST_NO_ANSWER', (s) => drip(s, CONTINUE, 5)],
  [
    'drips a body without end',
    'TEST_NO_ANSWER',
    (s) => {
      s.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      drip(s, '1\r\nx\r\n', 5);
    },
  ],
  ['hangs up at once', 'TEST_CONNECTION_LOST', (s) => s.destroy()],
  ['hangs up within its headers', 'TEST_CONNECTION_LOST', (s) => s.end('HTTP/1.1 200 OK\r\nA')],
  [
    'hangs up within a body of known length',
    'TEST_CONNECTION_LOST',
    (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  ],
  [
    'hangs up within a chunk',
    'TEST_CONNECTION_LOST',
    (s) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf'),
  ],
  ['speaks SSH', 'TEST_MALFORMED', (s) => s.write('SSH-2.0-OpenSSH_9.2\r\n')],
  ['answers in bytes of no protocol', 'TEST_MALFORMED', (s) => s.write(Buffer.alloc(64, 0xff))],
  [
    'announces two lengths',
    'TEST_MALFORMED',
    (s) => s.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'),
  ],
  [
    'announces chunks and sends none',
    'TEST_MALFORMED',
    (s) => s.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
  ],
  ['answers no JSON', 'TEST_MALFORMED', (s) => s.write(whole('200 OK', '<html>login</html>'))],
  ['answers half a JSON', 'TEST_MALFORMED', (s) => s.write(whole('200 OK', '{"a": [1,'))],
  [
    'sends a body that is too large',
    'TEST_ANSWER_TOO_LARGE',
    (s) => s.write(whole('200 OK', 'x'.repeat(OPTIONS.answer_bytes_max! + 1))),
  ],
  [
    'announces a terabyte',
    'TEST_ANSWER_TOO_LARGE',
    (s) => {
      s.write('HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n');
      flood(s, 'x'.repeat(16_384));
    },
  ],
  [
    'sends chunks without end',
    'TEST_ANSWER_TOO_LARGE',
    (s) => {
      s.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      flood(s, `4000\r\n${'x'.repeat(0x4000)}\r\n`);
    },
  ],
  [
    'sends headers without end',
    'TEST_ANSWER_TOO_LARGE',
    (s) => {
      s.write('HTTP/1.1 200 OK\r\n');
      flood(s, `X-Header: ${'y'.repeat(1_000)}\r\n`);
    },
  ],
];

const CONTINUE = 'HTTP/1.1 103 Early Hints\r\n\r\n';

describe('a server that', () => {
  it.each(HOSTILE)('%s: %s, without effect for what only asks', async (_what, code, answer) => {
    server.answer = answer;
    if (code === 'TEST_NO_ANSWER') await beImpatient();
    expect(await faultOf(get())).toMatchObject({ code, effect: 'none' });
  });

  it.each(HOSTILE)('%s: %s, with unknown effect for what acts', async (_what, code, answer) => {
    server.answer = answer;
    let sent = 0;
    if (code === 'TEST_NO_ANSWER') await beImpatient();
    const fault = await faultOf(post({ sent: () => sent++ }));
    expect(fault).toMatchObject({ code, effect: 'unknown' });
    expect(sent).toBe(1);
    expect(server.requests).toHaveLength(1);
  });

  it('is not there: nothing was done', async () => {
    const url = server.url();
    await server.close();
    expect(await faultOf(post({ url }))).toMatchObject({
      code: 'TEST_UNREACHABLE',
      upstream: 'ECONNREFUSED',
      effect: 'none',
      retryable: true,
    });
  });

  it('redirects is not followed', async () => {
    const elsewhere = 'Location: http://192.0.2.1/elsewhere';
    server.answer = (s) => s.write(whole('302 Found', '', [elsewhere]));
    const answer = await get();
    expect(answer.status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });

  it('answers an error that is no JSON: its text is the value', async () => {
    server.answer = (s) => s.write(whole('503 Service Unavailable', 'try later'));
    expect(await post()).toMatchObject({ status: 503, value: 'try later' });
  });

  it('answers nothing: the value is undefined', async () => {
    server.answer = (s) => s.write('HTTP/1.1 204 No Content\r\n\r\n');
    expect(await post()).toMatchObject({ status: 204, value: undefined });
  });

  it('says control characters: the message is one line', async () => {
    server.answer = (s) => s.write(whole('200 OK', 'no\u001b[2J\r\n\u009b31mJSON\u2028'));
    const { message } = await faultOf(get());
    expect(message).toMatch(/^[\u0020-\u007e\u00a0-\u2027\u2030-\uffff]*$/);
  });
});

describe('what is sent again', () => {
  const failingTimes = (times: number, fail: Answer): Answer => {
    let left = times;
    return (socket, request) => {
      if (left-- > 0) fail(socket, request);
      else socket.write(whole('200 OK', '{"ok":true}'));
    };
  };

  it('is a question whose connection was lost', async () => {
    server.answer = failingTimes(3, (s) => s.destroy());
    expect((await get()).value).toEqual({ ok: true });
    expect(server.requests).toHaveLength(4);
  });

  it('at most three times', async () => {
    server.answer = failingTimes(9, (s) => s.destroy());
    expect(await faultOf(get())).toMatchObject({ code: 'TEST_CONNECTION_LOST' });
    expect(server.requests).toHaveLength(4);
  });

  it('and never one that was not answered in time, or was answered nonsense', async () => {
    server.answer = () => {};
    await beImpatient();
    await faultOf(get());
    server.answer = (s) => s.end('nonsense\r\n\r\n');
    await faultOf(get());
    expect(server.requests).toHaveLength(2);
  });

  it('and never an act', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      server.answer = failingTimes(1, (s) => s.destroy());
      await faultOf(post({ method }));
    }
    expect(server.requests).toHaveLength(4);
  });
});

describe('giving up', () => {
  it('ends the request and its connection', async () => {
    const abort = new AbortController();
    server.answer = () => abort.abort();
    await expect(get({ signal: abort.signal })).rejects.toThrow();
    await expect.poll(() => server.connections).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  it('before it began sends nothing', async () => {
    let sent = 0;
    await expect(post({ signal: AbortSignal.abort(), sent: () => sent++ })).rejects.toThrow();
    expect(server.requests).toHaveLength(0);
    expect(sent).toBe(0);
  });

  it('by closing ends whatever is under way', async () => {
    server.answer = () => void client.close();
    expect(await faultOf(post())).toMatchObject({ effect: 'unknown' });
    await expect.poll(() => server.connections).toBe(0);
  });
});

describe('secrets', () => {
  const token = new Secret('hunter2"tröstlich');

  beforeEach(async () => {
    await client.close();
    client = new HttpClient({ ...OPTIONS, secrets: [token] });
  });

  it('that the server repeats never show, as they are, in JSON or in an address', async () => {
    const said = token.reveal();
    const forms = [said, JSON.stringify({ said }), encodeURIComponent(said)].join(' ');
    for (const [status, body] of [
      ['200 OK', `<p>${forms}</p>`],
      ['403 Forbidden', forms],
      ['400 Bad Request', JSON.stringify({ detail: [said] })],
    ]) {
      server.answer = (s) => s.write(whole(status, body));
      const seen = await get().catch((thrown: FaultError) => thrown.fault);
      const { value, message } = seen as { value?: unknown; message?: string };
      const shown = JSON.stringify([value, message]);
      for (const hidden of ['hunter2', 'tröstlich', 'tr%C3%B6stlich']) {
        expect(shown).not.toContain(hidden);
      }
    }
  });

  it('in addresses and headers never stand in a message', async () => {
    const url = server.url('/thing?key=hunter2');
    url.username = 'hunter2';
    url.password = 'hunter2';
    server.answer = (s) => s.destroy();
    const fault = await faultOf(post({ url, headers: { authorization: 'Bearer hunter2' } }));
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });
});

describe('TLS', () => {
  const tls = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.end(whole('200 OK', '{"ok":true}')));
  });
  let port: number;

  beforeEach(async () => {
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    port = (tls.address() as { port: number }).port;
  });
  afterEach(() => new Promise<void>((resolve) => tls.close(() => resolve())));

  const ask = async (options: Partial<HttpOptions>, host = '127.0.0.1') => {
    const own = new HttpClient({ ...OPTIONS, ...options });
    try {
      const url = new URL(`https://${host}:${port}/`);
      return await own.json({ method: 'POST', url });
    } finally {
      await own.close();
    }
  };

  it('trusts the authority that it is given', async () => {
    expect((await ask({ ca: TEST_CA })).value).toEqual({ ok: true });
  });

  it('trusts nobody else', async () => {
    expect(await faultOf(ask({}))).toMatchObject({
      code: 'TEST_TLS_REJECTED',
      upstream: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      effect: 'none',
      retryable: false,
    });
  });

  it('holds the name against the certificate', async () => {
    await new Promise<void>((resolve) => tls.close(() => resolve()));
    await new Promise<void>((resolve) => tls.listen(port, '127.0.0.2', resolve));
    expect(await faultOf(ask({ ca: TEST_CA }, '127.0.0.2'))).toMatchObject({
      code: 'TEST_TLS_REJECTED',
      upstream: 'ERR_TLS_CERT_ALTNAME_INVALID',
      effect: 'none',
    });
  });

  it('is told from a server that does not speak it', async () => {
    server.greeting = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    const url = server.url();
    url.protocol = 'https:';
    expect(await faultOf(post({ url }))).toMatchObject({ code: 'TEST_MALFORMED', effect: 'none' });
  });

  it('is not waited for without end', async () => {
    const url = server.url();
    url.protocol = 'https:';
    expect(await faultOf(post({ url, answer_s: 0.2 }))).toMatchObject({ code: 'TEST_NO_ANSWER' });
  });
});

it('every failure has a meaning and an advice', () => {
  const faults = httpFaults('TEST', 'the test server');
  expect(Object.keys(faults)).toHaveLength(6);
  for (const { means, advice } of Object.values(faults)) {
    expect(means).toContain('the test server');
    expect(advice).toMatch(/\.$/);
  }
});
