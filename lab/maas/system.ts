import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../error.ts';
import { readJson, systemFolder, writeJson } from '../folder.ts';
import { inMountNamespace, labProgram } from '../program.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import type { RegionTimes } from './hardware.ts';
import type { MaasServerConfig } from './main.ts';

/** Short enough to watch, long enough to see. */
const TIMES: RegionTimes = {
  power_s: 0.5,
  commission_s: 3,
  test_s: 2,
  deploy_s: 5,
  erase_s: 3,
  rescue_s: 2,
  shutdown_s: 0.5,
};

const START_LOOKS = 200;
const START_LOOK_MS = 50;
const PROBE_MS = 3_000;

const at = (name: string) => join(systemFolder('maas'), name);

/**
 * MAAS itself is in no package registry, so this is a server that keeps its side of the contract;
 * what it does was seen on a real region.
 */
export const maasSystem: LabSystem = {
  name: 'maas',
  describes: "a server that keeps MAAS' side of the API's contract, with simulated machines",
  packages: ['util-linux'],

  async prepare(_report: LabReport): Promise<void> {
    if (readJson(at('config.json'))) return;
    const key = ['lab', 'lab', randomBytes(16).toString('hex')].join(':');
    writeFileSync(at('api-key'), `${key}\n`, { mode: 0o600 });
    const accounts = [{ username: 'admin', isAdmin: true, key }];
    const config: MaasServerConfig = { accounts, times: TIMES, endpoint: at('endpoint.json') };
    writeJson(at('config.json'), config);
  },

  async start(run: LabRun): Promise<void> {
    rmSync(at('endpoint.json'), { force: true });
    const program = [process.execPath, labProgram('maas/main'), at('config.json')];
    await run.daemon('maas', process.execPath, inMountNamespace(program));
    for (let look = 0; look < START_LOOKS; look++) {
      if ((await this.probe()).ok) return;
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    throw new LabError('LAB_START_FAILED', 'maas does not answer', `Look into ${at('log')}.`);
  },

  async probe(): Promise<Probe> {
    const url = maasUrl();
    if (!url) return { ok: false, why: 'it was not started' };
    try {
      const answer = await fetch(`${url}/api/2.0/version/`, {
        signal: AbortSignal.timeout(PROBE_MS),
      });
      return { ok: true, says: `${url} answers: ${await answer.text()}` };
    } catch (cause) {
      return { ok: false, why: `${url}: ${(cause as Error).message}` };
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return { MAAS_API_URL: maasUrl() ?? '', api_key_file: at('api-key') };
  },

  example(): string {
    return `curl ${maasUrl()}/api/2.0/version/`;
  },
};

/** Where the lab's MAAS is; undefined before its first start. */
export function maasUrl(): string | undefined {
  return readJson<{ url: string }>(at('endpoint.json'))?.url;
}
