import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { resolveTarget } from '../../backends/ssh/config.ts';
import { systemFolder } from '../../lab/folder.ts';
import { REMOTE_URI, sshConfigPath, writeClient } from '../../lab/libvirt/remote.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import { domainContract } from './libvirt-harness.ts';
import { openLibvirt } from './libvirt-lab.ts';

const own = (name: string) => join(systemFolder('libvirt'), `${name}-${process.pid}`);
const gate = () => {
  const { host, port } = resolveTarget('strata-lab-1', { config: sshConfigPath() });
  return new URL(`tcp://${host}:${port}`);
};

let proxy: PortProxy;

domainContract(
  'libvirt on another machine',
  // The other verbs do not depend on the way to libvirtd.
  [
    { verb: 'define', to: 'shutoff' },
    { verb: 'create', to: 'running' },
    { verb: 'suspend', to: 'paused' },
    { verb: 'destroy', to: 'shutoff' },
    { verb: 'undefine', to: 'absent' },
  ],
  {
    start: async () => {
      proxy = new PortProxy(gate());
      await proxy.open();
      writeClient(own('config'), own('known_hosts'), proxy.port);
    },
    open: () => new LibvirtBackend({ uri: REMOTE_URI, ssh: { config: own('config') } }),
    disconnect: () => proxy.close(),
    reconnect: () => proxy.open(),
  },
);

describe('a hypervisor of another machine', () => {
  /** What is thrown by the first look at it. */
  async function refusal(uri: string, config = sshConfigPath()): Promise<unknown> {
    const backend = new LibvirtBackend({ uri, ssh: { config } });
    try {
      return await backend.driver.list().catch((cause) => cause);
    } finally {
      await new Promise<void>((closed) => backend.close(closed));
    }
  }
  const faulty = (code: string) => ({ fault: { code, effect: 'none' } });

  it('is the same as from here', async () => {
    const here = openLibvirt();
    try {
      expect(await refusal(REMOTE_URI)).toEqual(await here.driver.list());
    } finally {
      await new Promise<void>((closed) => here.close(closed));
    }
  });

  it('is found at the socket that the URI names', async () => {
    const found = await refusal(`${REMOTE_URI}?socket=/run/libvirt/libvirt-sock&no_tty=1`);
    expect(found).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'hypervisor' })]),
    );
    const missing = await refusal(`${REMOTE_URI}?socket=/run/nothing`);
    expect(missing).toMatchObject(faulty('LIBVIRT_UNREACHABLE'));
    expect(`${missing}`).toContain('/run/nothing on strata-lab-1');
  });

  it('is not believed without its key, nor by a revoked one or an authority', async () => {
    const known = readFileSync(own('known_hosts'), 'utf8');
    const verdicts = { '': 'UNKNOWN', [`@revoked ${known}`]: 'REVOKED' };
    const all = { ...verdicts, [`@cert-authority ${known}`]: 'CERTIFIED' };
    for (const [text, verdict] of Object.entries(all)) {
      writeFileSync(own('other_hosts'), text);
      const uri = `${REMOTE_URI}?known_hosts=${own('other_hosts')}`;
      expect(await refusal(uri, own('config'))).toMatchObject(faulty(`SSH_HOST_KEY_${verdict}`));
    }
  });

  it('lets in only who has a key', async () => {
    const uri = `${REMOTE_URI}?keyfile=${join(systemFolder('libvirt'), 'ssh', 'keys', 'host')}`;
    expect(await refusal(uri)).toMatchObject(faulty('SSH_AUTH'));
    expect(await refusal(`${REMOTE_URI}?keyfile=/no/key`)).toMatchObject(faulty('SSH_BAD_CONFIG'));
  });
});
