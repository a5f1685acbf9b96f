import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

export const USER = 'admin';
export const PASSWORD = 'planted-redfish-password';
export const TOKEN = 'planted-session-token';

/** A Redfish service with one system, sessions, and resets that are tasks. */
export class FakeService {
  power = 'Off';
  /** Sessions that are open, by their token. */
  readonly sessions = new Set<string>();
  /** What was asked for, in order: `METHOD path`. */
  readonly asked: string[] = [];
  hasSessions = true;
  /** How often a task is running before it ends so. */
  taskLooks = 2;
  taskEnd = 'Completed';
  /** Answers instead of the service. */
  instead: ((request: Request, response: ServerResponse) => boolean) | undefined;
  #count = 0;
  #looks = 0;
  #wanted = 'Off';
  readonly #server: Server = createServer(
    (request, response) => void this.#serve(request, response),
  );

  async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as { port: number };
    return new URL(`http://127.0.0.1:${port}`);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const { method = 'GET', url: path = '/', headers } = incoming;
    const request = { method, path, headers, body: text === '' ? {} : JSON.parse(text) };
    this.asked.push(`${method} ${path}`);
    if (this.instead?.(request, response)) return;
    this.#answer(request, response);
  }

  #answer(request: Request, response: ServerResponse): ServerResponse {
    const { method, path, headers, body } = request;
    const asked = `${method} ${path}`;
    if (asked === 'GET /redfish/v1/') return send(response, 200, this.#root());
    if (asked === `POST ${SESSIONS}`) return this.#signIn(body, response);
    const basic = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    const isIn =
      this.sessions.has(String(headers['x-auth-token'])) ||
      headers.authorization === `Basic ${basic}`;
    if (!isIn) return send(response, 401, error('Base.1.0.NoValidSession', 'sign in first'));
    switch (asked) {
      case `DELETE ${SESSIONS}/1`:
        this.sessions.clear();
        return send(response, 204);
      case 'GET /redfish/v1/Systems':
        return send(response, 200, { Members: [{ '@odata.id': SYSTEM }] });
      case `GET ${SYSTEM}`:
        return send(response, 200, this.#system());
      case `PATCH ${SYSTEM}`:
        return send(response, 204);
      case `POST ${SYSTEM}/Actions/Reset`:
        return this.#reset(body, response);
      case 'GET /redfish/v1/Tasks/1':
        return this.#task(response);
      case `GET ${SYSTEM}/Nics`:
        return send(response, 200, { Members: [{ '@odata.id': `${SYSTEM}/Nics/1` }] });
      case `GET ${SYSTEM}/Nics/1`:
        return send(response, 200, {
          Id: '1',
          MACAddress: '52:54:00:AA:BB:CC',
          LinkStatus: 'LinkUp',
        });
      default:
        return send(response, 404, error('Base.1.0.ResourceMissingAtURI', path));
    }
  }

  #root() {
    const links = this.hasSessions ? { Links: { Sessions: { '@odata.id': SESSIONS } } } : {};
    return { RedfishVersion: '1.6.0', ...links };
  }

  #signIn(body: Request['body'], response: ServerResponse): ServerResponse {
    if (body['UserName'] !== USER || body['Password'] !== PASSWORD) {
      return send(response, 401, error('Base.1.0.InsufficientPrivilege', 'wrong password'));
    }
    const token = `${TOKEN}-${++this.#count}`;
    this.sessions.add(token);
    return send(response, 201, {}, { 'x-auth-token': token, location: `${SESSIONS}/1` });
  }

  #reset({ ResetType: type }: Request['body'], response: ServerResponse): ServerResponse {
    this.#looks = 0;
    this.#wanted = String(type).includes('Off') ? 'Off' : 'On';
    return send(response, 202, {}, { location: '/redfish/v1/Tasks/1' });
  }

  #task(response: ServerResponse): ServerResponse {
    if (this.#looks++ < this.taskLooks) return send(response, 202, { TaskState: 'Running' });
    if (this.taskEnd === 'Completed') this.power = this.#wanted;
    return send(response, 200, { TaskState: this.taskEnd, Messages: [{ Message: 'so it went' }] });
  }

  #system() {
    return {
      '@odata.id': SYSTEM,
      Id: 'one',
      PowerState: this.power,
      MemorySummary: { TotalSystemMemoryGiB: 2 },
      EthernetInterfaces: { '@odata.id': `${SYSTEM}/Nics` },
      // It says that it has some, and cannot show it.
      Storage: { '@odata.id': `${SYSTEM}/Storage` },
      Actions: {
        '#ComputerSystem.Reset': {
          target: `${SYSTEM}/Actions/Reset`,
          'ResetType@Redfish.AllowableValues': ['On', 'ForceOff', 'ForceRestart'],
        },
      },
    };
  }
}

const SESSIONS = '/redfish/v1/SessionService/Sessions';
const SYSTEM = '/redfish/v1/Systems/one';

function error(code: string, message: string) {
  return { error: { code, '@Message.ExtendedInfo': [{ MessageId: code, Message: message }] } };
}

function send(
  response: ServerResponse,
  status: number,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  return response.end(body === undefined ? undefined : JSON.stringify(body));
}
