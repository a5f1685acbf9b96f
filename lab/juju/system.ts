import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readAccess } from '../../backends/juju/access.ts';
import { JujuDriver } from '../../backends/juju/driver.ts';
import { LabError } from '../error.ts';
import { readJson, systemFolder } from '../folder.ts';
import { inMountNamespace, labProgram } from '../program.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import type { AgentTimes } from './agents.ts';
import { makeCertificates } from './certificates.ts';
import { labCharm } from './charm-file.ts';
import type { JujuServerConfig } from './main.ts';

/** Short enough to watch, long enough to see. */
const TIMES: AgentTimes = {
  provision_s: 1,
  install_s: 1,
  hook_s: 0.3,
  action_s: 1,
  retry_s: 5,
  release_s: 0.5,
};

const USER = 'admin';
const MODEL = 'lab';
const START_LOOKS = 200;
const START_LOOK_MS = 50;

const at = (name: string) => join(systemFolder('juju'), name);

interface Endpoint {
  readonly address: string;
  readonly model: string;
}

/**
 * No controller is in a registry that the lab reaches, so this is a server that keeps Juju's side
 * of the API, with models and agents that exist only there.
 */
export const jujuSystem: LabSystem = {
  name: 'juju',
  describes: "a server that keeps Juju's side of the API's contract, with simulated agents",
  packages: ['util-linux', 'openssl'],

  async prepare(_report: LabReport): Promise<void> {
    writeFileSync(at('lab.charm'), labCharm('lab'));
    if (readJson(at('config.json'))) return;
    await makeCertificates(systemFolder('juju'));
    const password = randomBytes(16).toString('hex');
    const config: JujuServerConfig = {
      certificate_file: at('server.crt'),
      key_file: at('server.key'),
      accounts: [{ user: USER, password, access: 'superuser', models: 'admin' }],
      times: TIMES,
      model: { name: MODEL, owner: USER },
      endpoint: at('endpoint.json'),
    };
    writeFileSync(at('config.json'), JSON.stringify(config), { mode: 0o600 });
  },

  async start(run: LabRun): Promise<void> {
    rmSync(at('endpoint.json'), { force: true });
    const program = [process.execPath, labProgram('juju/main'), at('config.json')];
    await run.daemon('juju', process.execPath, inMountNamespace(program));
    for (let look = 0; look < START_LOOKS; look++) {
      const endpoint = readJson<Endpoint>(at('endpoint.json'));
      if (endpoint) {
        writeClientFiles(endpoint);
        if ((await this.probe()).ok) return;
      }
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    throw new LabError('LAB_START_FAILED', 'juju does not answer', `Look into ${at('log')}.`);
  },

  async probe(): Promise<Probe> {
    if (!readJson<Endpoint>(at('endpoint.json'))) return { ok: false, why: 'it was not started' };
    const driver = new JujuDriver({
      access: await readAccess({}, { JUJU_DATA: jujuData() }),
      limits: { connect_s: 3, answer_s: 3 },
    });
    try {
      const checks = await driver.diagnose();
      const bad = checks.find(({ ok }) => !ok);
      if (bad) return { ok: false, why: bad.found };
      return { ok: true, says: checks.map(({ found }) => found).join('; ') };
    } finally {
      await driver.close();
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return { JUJU_DATA: jujuData(), charm: at('lab.charm') };
  },

  example(): string {
    const apply = 'npx strata apply scenarios/lab-juju.yaml';
    return `JUJU_DATA=${jujuData()} ${apply} --set charm=${at('lab.charm')}`;
  },
};

/** The folder of the juju client's files. */
export function jujuData(): string {
  return at('data');
}

export function labCharmPath(): string {
  return at('lab.charm');
}

function writeClientFiles({ address, model }: Endpoint): void {
  const config = readJson<JujuServerConfig>(at('config.json'));
  const password = config?.accounts[0].password;
  mkdirSync(jujuData(), { recursive: true, mode: 0o700 });
  const write = (name: string, value: object) =>
    writeFileSync(join(jujuData(), name), stringify(value), { mode: 0o600 });
  write('controllers.yaml', {
    controllers: {
      lab: {
        uuid: '00000000-0000-4000-8000-000000000000',
        'api-endpoints': [address],
        'ca-cert': readFileSync(at('ca.crt'), 'utf8'),
      },
    },
    'current-controller': 'lab',
  });
  write('accounts.yaml', { controllers: { lab: { user: USER, password } } });
  const models = { [`${USER}/${MODEL}`]: { uuid: model, type: 'iaas' } };
  write('models.yaml', {
    controllers: { lab: { models, 'current-model': `${USER}/${MODEL}` } },
  });
}
