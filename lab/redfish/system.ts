import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { cacheFolder, readJson, systemFolder, writeJson } from '../folder.ts';
import { libvirtSystem, libvirtUri } from '../libvirt/system.ts';
import { bringUp } from '../lifecycle.ts';
import { inMountNamespace } from '../program.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';

/** OpenStack's emulator of a Redfish service, from PyPI. */
const EMULATOR = 'sushy-tools==2.2.0';
/** Debian's own, which sees Debian's packages. */
const PYTHON = '/usr/bin/python3';
const START_LOOKS = 600;
const START_LOOK_MS = 50;
const PROBE_MS = 3_000;

const at = (name: string) => join(systemFolder('redfish'), name);
const environment = () => join(cacheFolder('redfish'), EMULATOR);

/** Redfish: an emulated service whose systems are the domains of the lab's libvirt. */
export const redfishSystem: LabSystem = {
  name: 'redfish',
  describes: 'a Redfish service (sushy-tools) whose systems are domains of the lab libvirt',
  packages: ['python3-venv', 'python3-libvirt', 'util-linux'],

  async prepare(report: LabReport): Promise<void> {
    await bringUp(libvirtSystem, report);
    await report.part('redfish', 'emulator', async () => {
      if (existsSync(environment())) return `cached, ${EMULATOR}`;
      const work = `${environment()}.work`;
      rmSync(work, { recursive: true, force: true });
      // libvirt's Python binding comes from Debian: PyPI has only its source.
      await command(PYTHON, ['-m', 'venv', '--system-site-packages', work]);
      await command(join(work, 'bin/python3'), ['-m', 'pip', 'install', '--quiet', EMULATOR]);
      renameSync(work, environment()); // whole or absent, never half
      return `installed, ${EMULATOR}`;
    });
  },

  async start(run: LabRun): Promise<void> {
    const port = await freePort();
    const config = {
      SUSHY_EMULATOR_LISTEN_IP: '127.0.0.1',
      SUSHY_EMULATOR_LISTEN_PORT: port,
      SUSHY_EMULATOR_LIBVIRT_URI: libvirtUri(),
      SUSHY_EMULATOR_STATE_DIR: systemFolder('redfish'),
    };
    const lines = Object.entries(config).map(([name, value]) => `${name} = ${pythonOf(value)}`);
    writeFileSync(at('emulator.conf'), `${lines.join('\n')}\n`);
    writeJson(at('endpoint.json'), { port });
    const python = join(environment(), 'bin/python3');
    // Not by its script, which names the folder that it was installed in.
    const program = 'import sys; from sushy_tools.emulator.main import main; sys.exit(main())';
    const emulator = [python, '-c', program, '--config', at('emulator.conf')];
    await run.daemon('sushy', python, inMountNamespace(emulator));
    for (let look = 0; look < START_LOOKS; look++) {
      if ((await this.probe()).ok) return;
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    const advice = `Look into ${at('log')}.`;
    throw new LabError('LAB_START_FAILED', 'the emulator does not answer', advice);
  },

  async probe(): Promise<Probe> {
    const url = redfishUrl();
    if (!url) return { ok: false, why: 'it was not started' };
    try {
      const signal = AbortSignal.timeout(PROBE_MS);
      const answer = await fetch(`${url}/redfish/v1/Systems`, { signal });
      if (answer.ok) return { ok: true, says: `${url} answers` };
      return { ok: false, why: `${url}: ${answer.status}` };
    } catch (cause) {
      return { ok: false, why: `${url}: ${(cause as Error).message}` };
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return { url: redfishUrl() ?? '' };
  },

  example(): string {
    return `curl ${redfishUrl()}/redfish/v1/Systems`;
  },
};

/** Where the lab's Redfish service is; undefined before its first start. */
export function redfishUrl(): string | undefined {
  const known = readJson<{ port: number }>(at('endpoint.json'));
  return known && `http://127.0.0.1:${known.port}`;
}

function pythonOf(value: string | number): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** A port that is free now; the emulator does not tell which it took. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
