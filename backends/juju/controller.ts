/** One controller and one of its models: sessions, calls, and where the model is. */
import { readFile, stat } from 'node:fs/promises';
import { HttpClient } from '../http.ts';
import type { JujuAccess } from './access.ts';
import { type RpcLimits, SERVER_NAME } from './dial.ts';
import type { FacadeName, Facades } from './facades.ts';
import { type ApiError, jujuFault, refusal } from './faults.ts';
import type { Call } from './rpc.ts';
import { type Login, Session } from './session.ts';
import { read } from './shape.ts';
import { type ModelSummary, modelSummariesShape } from './status.ts';

/** For putting a charm, however slow the line. */
const UPLOAD_S = 600;
/** The largest charm that is sent. */
const CHARM_BYTES_MAX = 512 * 1024 * 1024;

export class Controller {
  readonly access: JujuAccess;
  readonly #limits: RpcLimits;
  readonly #session: Session;
  readonly #http: HttpClient;
  #model: { readonly uuid: string; readonly session: Session } | undefined;
  #isClosed = false;

  constructor(access: JujuAccess, limits: RpcLimits) {
    const { account, ca } = access;
    this.access = access;
    this.#limits = limits;
    this.#session = new Session(access, '/api', limits);
    this.#http = new HttpClient({
      ...{ prefix: 'JUJU', who: 'the Juju controller', secrets: [account.password] },
      ...(ca !== undefined && { ca, tls: { servername: SERVER_NAME } }),
      ...{ connect_s: limits.connect_s, answer_s: limits.answer_s },
    });
  }

  login(): Promise<Login> {
    return this.#session.login();
  }

  /** A facade of the controller itself. */
  facade<N extends FacadeName>(name: N, call: Call): Promise<Facades[N]> {
    return this.#session.facade(name, call);
  }

  /** Every model that the account sees. */
  async models(): Promise<readonly ModelSummary[]> {
    const { access } = await this.login();
    const manager = await this.facade('ModelManager', { about: 'list the models' });
    const user = `user-${this.access.account.user}`;
    const all = access === 'superuser';
    const answer = await manager.listModelSummaries({ 'user-tag': user, all });
    const { results } = read(modelSummariesShape, answer, 'the list of models');
    return results.flatMap(({ result }) => result ?? []);
  }

  /** `MODEL` for the account's own, `OWNER/MODEL` for those of others. */
  nameOf(model: ModelSummary): string {
    const owner = ownerOf(model);
    return owner === '' || owner === this.access.account.user
      ? model.name
      : `${owner}/${model.name}`;
  }

  /** Whether a model is the one that applications are asked of. */
  isChosen(model: ModelSummary): boolean {
    const { account, model: chosen = '' } = this.access;
    const [name, owner = account.user] = chosen.split('/').reverse();
    return model.name === name && [owner, ''].includes(ownerOf(model));
  }

  /** From now on the model is this one; undefined when it is gone. */
  useModel(uuid: string | undefined): void {
    if (this.#model?.uuid === uuid) return;
    this.#model?.session.close();
    const open = uuid !== undefined && !this.#isClosed;
    this.#model = open
      ? { uuid, session: new Session(this.access, `/model/${uuid}/api`, this.#limits) }
      : undefined;
  }

  get modelUuid(): string | undefined {
    return this.#model?.uuid;
  }

  /** The session of the model. Throws JUJU_UNKNOWN. */
  async model(): Promise<Session> {
    if (!this.#model) {
      const models = await this.models();
      this.useModel(models.find((each) => this.isChosen(each))?.uuid);
    }
    if (this.#model) return this.#model.session;
    const { controller, model } = this.access;
    if (model !== undefined) throw jujuFault('JUJU_UNKNOWN', `model ${model} on ${controller}`);
    throw jujuFault('JUJU_BAD_CONFIG', `no model is chosen on ${controller}`);
  }

  async modelFacade<N extends FacadeName>(name: N, call: Call): Promise<Facades[N]> {
    return (await this.model()).facade(name, call);
  }

  /**
   * Puts a packed charm into the model and returns its URL (`PUT /model-UUID/charms/NAME-HASH`, as
   * the client does since Juju 3.3; juju/api/client/charms).
   */
  async uploadCharm(path: string, name: string, hash: string, call: Call): Promise<string> {
    await this.model();
    const { account, endpoints } = this.access;
    const { size } = await stat(path);
    if (size > CHARM_BYTES_MAX) throw jujuFault('JUJU_BAD_CHARM', `${path} is too large`);
    const pass = Buffer.from(`user-${account.user}:${account.password.reveal()}`);
    const endpoint = await this.#answeringEndpoint(endpoints);
    const answer = await this.#http.json({
      method: 'PUT',
      url: new URL(
        `https://${endpoint}/model-${this.modelUuid}/charms/${name}-${hash.slice(0, 7)}`,
      ),
      headers: {
        authorization: `Basic ${pass.toString('base64')}`,
        'content-type': 'application/zip',
        [CHARM_URL_HEADER]: `local:${name}`,
      },
      body: await readFile(path),
      ...{ signal: call.signal, sent: call.sent, answer_s: UPLOAD_S },
    });
    if (answer.status >= 300) throw refusal(httpError(answer.status, answer.value), call.about);
    const url = answer.headers[CHARM_URL_HEADER];
    if (typeof url === 'string' && /^local:[a-z0-9/.-]{1,200}$/.test(url)) return url;
    throw jujuFault('JUJU_MALFORMED', `${call.about}: it names no URL of the charm`);
  }

  /** The first that takes a request: one of several may be out of reach from here. */
  async #answeringEndpoint(endpoints: readonly string[]): Promise<string> {
    if (endpoints.length === 1) return endpoints[0];
    const tries = endpoints.map(async (endpoint) => {
      await this.#http.request({ method: 'HEAD', url: new URL(`https://${endpoint}/`) });
      return endpoint;
    });
    return Promise.any(tries).catch((all: AggregateError) => {
      throw all.errors[0];
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#model?.session.close();
    this.#session.close();
    await this.#http.close();
  }
}

const CHARM_URL_HEADER = 'juju-curl';

function ownerOf(model: ModelSummary): string {
  return model.qualifier || model['owner-tag'].replace(/^user-/, '');
}

const HTTP_CODES: Readonly<Record<number, string>> = {
  401: 'unauthorized access',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
};

function httpError(status: number, value: unknown): ApiError {
  const { error, 'error-code': code } = (value ?? {}) as {
    error?: unknown;
    'error-code'?: unknown;
  };
  const said = typeof error === 'string' ? error : String((error as ApiError)?.message ?? '');
  return {
    message: `HTTP ${status} ${said}`.slice(0, 500),
    code: typeof code === 'string' && code !== '' ? code : (HTTP_CODES[status] ?? ''),
  };
}
