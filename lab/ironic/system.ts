import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { readJson, systemFolder, writeJson } from '../folder.ts';
import type { ForwardConfig } from '../forward.ts';
import { bringUp, runningDaemons } from '../lifecycle.ts';
import { metalPaths } from '../metal/layout.ts';
import { metalSystem } from '../metal/system.ts';
import { inMountNamespace, labProgram } from '../program.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { ironicConf } from './conf.ts';

/** Within the network of the lab's bare metal, where nobody else is. */
const API_PORT = 6385;
const RPC_PORT = 8089;
const PYTHON = '/usr/bin/python3';
const START_LOOKS = 600;
const START_LOOK_MS = 100;
const PROBE_MS = 3_000;

const at = (name: string) => join(systemFolder('ironic'), name);

/** Ironic by itself, beside the management controllers of the lab's bare metal. */
export const ironicSystem: LabSystem = {
  name: 'ironic',
  describes: 'standalone Ironic (one process, no authentication) beside the controllers of `metal`',
  packages: ['ironic-api', 'ironic-conductor', 'ipmitool', 'util-linux'],

  async prepare(report: LabReport): Promise<void> {
    await bringUp(metalSystem, report);
    const conf = at('ironic.conf');
    const places = { folder: systemFolder('ironic'), api_port: API_PORT, rpc_port: RPC_PORT };
    writeFileSync(conf, ironicConf(places));
    for (const name of ['log', 'tftp', 'images', 'http', 'lock']) {
      mkdirSync(at(name), { recursive: true });
    }
    await report.part('ironic', 'database', async () => {
      if (existsSync(at('ironic.sqlite'))) return 'there';
      await command('ironic-dbsync', ['--config-file', conf, 'create_schema']);
      return 'made';
    });
  },

  async start(run: LabRun): Promise<void> {
    rmSync(at('endpoint.json'), { force: true });
    const holder = runningDaemons('metal').find(({ name }) => name === 'dnsmasq')?.pid;
    if (holder === undefined) {
      throw new LabError('LAB_START_FAILED', 'metal is not up', 'Run `npm run lab:up metal`.');
    }
    await run.daemon('ironic', PYTHON, [
      ...['nsenter', '--target', String(holder), '--net', '--'],
      ...inMountNamespace([PYTHON, '/usr/bin/ironic', '--config-file', at('ironic.conf')]),
    ]);
    const forward: ForwardConfig = {
      socket: metalPaths().control,
      target: `127.0.0.1:${API_PORT}`,
      endpoint: at('endpoint.json'),
    };
    writeJson(at('forward.json'), forward);
    const program = [process.execPath, labProgram('forward'), at('forward.json')];
    await run.daemon('forward', process.execPath, inMountNamespace(program));
    for (let look = 0; look < START_LOOKS; look++) {
      if ((await this.probe()).ok) return;
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    const advice = `Look into ${at('log')}.`;
    throw new LabError('LAB_START_FAILED', 'ironic does not answer', advice);
  },

  async probe(): Promise<Probe> {
    const url = ironicUrl();
    if (!url) return { ok: false, why: 'it was not started' };
    try {
      const signal = AbortSignal.timeout(PROBE_MS);
      // Only with a conductor can anything be done.
      const answer = await fetch(`${url}/v1/drivers`, { signal });
      const { drivers } = (await answer.json()) as { drivers?: { name: string }[] };
      const names = (drivers ?? []).map(({ name }) => name).sort();
      if (names.length === 0) return { ok: false, why: 'no conductor yet' };
      return { ok: true, says: `${url} drives ${names.join(', ')}` };
    } catch (cause) {
      return { ok: false, why: `${url}: ${(cause as Error).message}` };
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return { OS_ENDPOINT: ironicUrl() ?? '', OS_AUTH_TYPE: 'none' };
  },

  example(): string {
    return `curl ${ironicUrl()}/v1/nodes`;
  },
};

/** Where the lab's Ironic is; undefined before its first start. */
export function ironicUrl(): string | undefined {
  const known = readJson<{ port: number }>(at('endpoint.json'));
  return known && `http://127.0.0.1:${known.port}`;
}
