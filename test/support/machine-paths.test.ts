import { describe, expect, it } from 'vitest';
import { KINDS as CAAS } from '../../model/caas/index.ts';
import { KINDS as CONTAINER } from '../../model/container/index.ts';
import { MachinePaths } from './machine-paths.ts';

const pathsOf = (name: string) => {
  const kind = [...CAAS, ...CONTAINER].find((each) => each.kind === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return new MachinePaths(kind);
};

describe('changes that a machine allows', () => {
  it('are its transitions, and those through states that pass by themselves', () => {
    const sandbox = pathsOf('sandbox');
    expect(sandbox.allows('SANDBOX_READY', 'SANDBOX_NOTREADY')).toBe(true);
    expect(sandbox.allows('SANDBOX_READY', 'absent')).toBe(true); // by way of removing
    expect(sandbox.allows('absent', 'SANDBOX_READY')).toBe(true);
    expect(sandbox.allows('SANDBOX_NOTREADY', 'failed')).toBe(false);
  });

  it('are told for each region of a parallel machine', () => {
    const deployment = pathsOf('deployment');
    expect(deployment.allows('complete+Available', 'rolling_out+Unavailable')).toBe(true);
    expect(deployment.allows('paused+Available', 'complete+Available')).toBe(true);
    expect(deployment.allows('deleting+Released', 'complete+Available')).toBe(false);
  });

  it('begin and end with what is absent', () => {
    const pod = pathsOf('pod');
    expect(pod.allows('absent', 'Pending.Scheduling+NotReady')).toBe(true);
    expect(pod.allows('Terminating+NotReady', 'absent')).toBe(true);
    expect(pod.allows('Running.Started+Ready', 'absent')).toBe(true); // force_delete
    expect(pod.allows('Failed.Error+NotReady', 'Running.Started+NotReady')).toBe(false);
  });

  it('tell the first one that is not allowed', () => {
    const states = ['absent', 'Active', 'Complete', 'Active'];
    expect(pathsOf('job').divergence(states)).toBe('Complete -> Active');
    expect(pathsOf('job').divergence(states.slice(0, 3))).toBeUndefined();
  });
});
