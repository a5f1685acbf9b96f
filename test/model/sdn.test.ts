import { describe, expect, it } from 'vitest';
import { acl } from '../../model/sdn/acl.ts';
import { chassis } from '../../model/sdn/chassis.ts';
import { gateway } from '../../model/sdn/gateway.ts';
import { KINDS } from '../../model/sdn/index.ts';
import { loadBalancer } from '../../model/sdn/load-balancer.ts';
import { logicalSwitch } from '../../model/sdn/logical-switch.ts';
import { port } from '../../model/sdn/port.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 200 });

describe('sequences observed with OVN 23.03.1', () => {
  it('a port is created, claimed and up, unplugged, deleted', () => {
    expect(walk(port, 'bind up down delete done')).toEqual([
      'DOWN',
      'binding',
      'ACTIVE',
      'DOWN',
      'deleting',
      'deleted',
    ]);
    expect(walk(port, 'bind done unbind done').slice(2)).toEqual(['ACTIVE', 'unbinding', 'DOWN']);
  });

  it('up does not mean alive: the port of a dead chassis is stale until chassis-del', () => {
    expect(endOf(port, 'bind done lost')).toBe('stale');
    expect(endOf(port, 'bind done lost restored')).toBe('ACTIVE');
    expect(endOf(port, 'bind done lost down')).toBe('DOWN');
    expect(endOf(port, 'bind done lost bind done')).toBe('ACTIVE');
    // A chassis that is back has its ports up before BFD has found it again.
    expect(endOf(port, 'bind unreached restored')).toBe('ACTIVE');
  });

  it('nobody claims a port: binding failed, until it is bound again', () => {
    expect(endOf(port, 'bind fault')).toBe('binding_failed');
    expect(endOf(port, 'bind fault bind done')).toBe('ACTIVE');
  });

  it('kill -9 of ovn-controller: traffic goes on; exit: deregistered', () => {
    expect(walk(chassis, 'start done fail +100s done')).toEqual([
      'stopped',
      'registering',
      'up',
      'controller_failed',
      'resuming',
      'up',
    ]);
    expect(endOf(chassis, 'start done exit done')).toBe('stopped');
    expect(endOf(chassis, 'start done lost restored done')).toBe('up');
    expect(endOf(chassis, 'start done datapath_fail +100s done')).toBe('up');
  });

  it('a gateway moves when BFD says so', () => {
    expect(walk(gateway, 'claim done chassis_lost +9000s done')).toEqual([
      'unbound',
      'claiming',
      'active',
      'detecting',
      'claiming',
      'active',
    ]);
    expect(endOf(gateway, 'claim done lost')).toBe('down');
    expect(endOf(gateway, 'claim done lost restored done')).toBe('active');
    expect(endOf(gateway, 'claim done preempt done')).toBe('active');
  });

  it('rows: accepted, refused by a constraint, updated, deleted', () => {
    expect(endOf(logicalSwitch, 'done update done delete done')).toBe('deleted');
    expect(endOf(logicalSwitch, 'fault')).toBe('rejected');
    expect(endOf(logicalSwitch, 'done delete fault')).toBe('active');
  });

  it('a bad ACL match is accepted and without effect', () => {
    expect(endOf(acl, 'invalid')).toBe('invalid');
    expect(endOf(acl, 'invalid update done')).toBe('active');
  });

  it('a load balancer follows its health checks', () => {
    expect(endOf(loadBalancer, 'done some_offline')).toBe('degraded');
    expect(endOf(loadBalancer, 'done some_offline all_offline')).toBe('offline');
    expect(endOf(loadBalancer, 'done all_offline all_online')).toBe('active');
  });
});
