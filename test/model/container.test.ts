import { describe, expect, it } from 'vitest';
import { container } from '../../model/container/container.ts';
import { containerImage } from '../../model/container/container-image.ts';
import { containerRuntime } from '../../model/container/container-runtime.ts';
import { KINDS } from '../../model/container/index.ts';
import { sandbox } from '../../model/container/sandbox.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 150 });

describe('sequences observed with containerd 1.6.20', () => {
  it('RunPodSandbox, Create, Start, exit 5', () => {
    expect(walk(sandbox, 'run done')).toEqual(['absent', 'creating', 'SANDBOX_READY']);
    expect(walk(container, 'create done start done exited_error')).toEqual([
      'absent',
      'creating',
      'CONTAINER_CREATED',
      'starting',
      'CONTAINER_RUNNING',
      'CONTAINER_EXITED.Error',
    ]);
  });

  it('TERM handled, TERM ignored (137), out of memory, bad command (128)', () => {
    const running = 'create done start done';
    expect(endOf(container, `${running} stop done`)).toBe('CONTAINER_EXITED.Completed');
    expect(endOf(container, `${running} stop fault`)).toBe('CONTAINER_EXITED.Error');
    expect(endOf(container, `${running} oom_killed`)).toBe('CONTAINER_EXITED.OOMKilled');
    expect(endOf(container, 'create done start fault')).toBe('CONTAINER_EXITED.StartError');
  });

  it('pause killed: NOTREADY; StopPodSandbox and RemovePodSandbox', () => {
    expect(endOf(sandbox, 'run done pause_exited')).toBe('SANDBOX_NOTREADY');
    expect(walk(sandbox, 'run done stop done remove done').slice(2)).toEqual([
      'SANDBOX_READY',
      'stopping',
      'SANDBOX_NOTREADY',
      'removing',
      'absent',
    ]);
  });

  it('an unknown runtime handler and a duplicate name fail RunPodSandbox', () => {
    expect(endOf(sandbox, 'run fault')).toBe('failed');
    expect(endOf(sandbox, 'run fault run done')).toBe('SANDBOX_READY');
  });

  it('a call in the wrong state changes nothing', () => {
    expect(endOf(container, 'create done start done start create')).toBe('CONTAINER_RUNNING');
    expect(endOf(container, 'create done start done exited start')).toBe(
      'CONTAINER_EXITED.Completed',
    );
  });

  it('kill -9 containerd: containers go on and are adopted again', () => {
    expect(walk(containerRuntime, 'done kill start done')).toEqual([
      'starting',
      'ready',
      'down',
      'readopting',
      'ready',
    ]);
  });

  it('pulling without a registry fails; importing from an archive works', () => {
    expect(endOf(containerImage, 'pull fault')).toBe('failed');
    expect(endOf(containerImage, 'imported')).toBe('present');
  });
});

describe('loss of the host', () => {
  it('leaves everything unknown, and gives it back when the host was only cut off', () => {
    expect(endOf(containerRuntime, 'done lost restored readopted')).toBe('ready');
    expect(endOf(sandbox, 'run done lost restored')).toBe('SANDBOX_READY');
    expect(endOf(container, 'create done start done lost restored')).toBe('CONTAINER_RUNNING');
    expect(endOf(container, 'create done lost restored')).toBe('CONTAINER_CREATED');
  });

  it('ends what ran when the host was rebooted', () => {
    expect(endOf(containerRuntime, 'done lost restored started')).toBe('ready');
    expect(endOf(sandbox, 'run done lost pause_exited restored')).toBe('SANDBOX_NOTREADY');
    expect(endOf(container, 'create done start done lost exited_unknown restored')).toBe(
      'CONTAINER_EXITED.Unknown',
    );
  });
});
