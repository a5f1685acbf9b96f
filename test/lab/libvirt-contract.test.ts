import { hypervisorPaths } from '../../lab/libvirt/daemons.ts';
import { SocketProxy } from '../backends/port-proxy.ts';
import { domainContract } from './libvirt-harness.ts';
import { openLibvirt, proxyPath } from './libvirt-lab.ts';

const path = proxyPath('contract');
const proxy = new SocketProxy(path, { path: hypervisorPaths().socket });

domainContract(
  'libvirt',
  [
    { verb: 'define', to: 'shutoff' },
    { verb: 'create', to: 'running' },
    { verb: 'suspend', to: 'paused' },
    { verb: 'resume', to: 'running' },
    { verb: 'managed_save', to: 'saved' },
    { verb: 'restore', to: 'running' },
    { verb: 'reboot', to: 'running' },
    { verb: 'shutdown', to: 'shutoff' },
    { verb: 'create', to: 'running' },
    { verb: 'destroy', to: 'shutoff' },
    { verb: 'undefine', to: 'absent' },
  ],
  {
    start: () => proxy.open(),
    open: () => openLibvirt({ uri: `qemu+unix:///system?socket=${path}` }),
    disconnect: () => proxy.close(),
    reconnect: () => proxy.open(),
  },
);
