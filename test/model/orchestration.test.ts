import { describe, expect, it } from 'vitest';
import { action } from '../../model/orchestration/action.ts';
import { application } from '../../model/orchestration/application.ts';
import { KINDS } from '../../model/orchestration/index.ts';
import { jujuMachine } from '../../model/orchestration/juju-machine.ts';
import { relation } from '../../model/orchestration/relation.ts';
import { unit } from '../../model/orchestration/unit.ts';
import { upgrade } from '../../model/orchestration/upgrade.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 100 });

const ACTIVE = 'allocated done done done status_active';

describe('a unit', () => {
  it('installs, configures, starts and becomes active', () => {
    expect(walk(unit, ACTIVE)).toEqual([
      'allocating+waiting',
      'executing.install+maintenance',
      'executing.config_changed+maintenance',
      'executing.start+maintenance',
      'idle+maintenance',
      'idle+active',
    ]);
  });

  it('shows a failed hook and tries it again by itself', () => {
    expect(walk(unit, 'allocated done fault done done').slice(2)).toEqual([
      'executing.config_changed+maintenance',
      'error+error',
      'executing.config_changed+maintenance',
      'executing.start+maintenance',
    ]);
  });

  it('with its machine gone is silent, then lost and unknown, then as before', () => {
    expect(walk(unit, `${ACTIVE} lost agent_lost restored`).slice(5)).toEqual([
      'idle+active',
      'silent+active',
      'lost+unknown',
      'idle+active',
    ]);
  });

  it('is shown as lost by an API that tells nothing of the silence before', () => {
    expect(endOf(unit, `${ACTIVE} agent_lost`)).toBe('lost+unknown');
    expect(endOf(unit, 'allocated done agent_lost restored')).toBe(
      'executing.config_changed+waiting',
    );
  });

  it('runs one hook after another, and a failed one again, without being idle between', () => {
    expect(endOf(unit, `${ACTIVE} upgrade_charm seen_update_config done`)).toBe('idle+active');
    expect(endOf(unit, 'allocated done done seen_relation_changed done')).toBe('idle+maintenance');
    expect(endOf(unit, `${ACTIVE} config_changed fault seen_update_config`)).toBe(
      'executing.update_config+error',
    );
  });

  it('in error keeps its error when its agent is lost', () => {
    expect(endOf(unit, 'allocated done fault lost agent_lost')).toBe('lost+error');
  });

  it('goes on with the hook that it had not finished', () => {
    expect(endOf(unit, 'allocated done lost agent_lost restored')).toBe(
      'executing.config_changed+waiting',
    );
  });

  it('runs relation hooks, actions and upgrades when idle, and stops at the end', () => {
    expect(endOf(unit, `${ACTIVE} relation_changed`)).toBe('executing.relation_changed+active');
    expect(endOf(unit, `${ACTIVE} run_action done`)).toBe('idle+active');
    expect(endOf(unit, `${ACTIVE} upgrade_charm done`)).toBe('idle+active');
    expect(endOf(unit, `${ACTIVE} remove done`)).toBe('dead+active');
    expect(endOf(unit, 'remove')).toBe('dead+waiting');
  });
});

describe('the rest of a model', () => {
  it('an application scales, upgrades and shows the status of its units', () => {
    expect(walk(application, 'scale_up status_active done refresh status_error fault')).toEqual([
      'waiting+steady',
      'waiting+scaling',
      'active+scaling',
      'active+steady',
      'active+upgrading',
      'error+upgrading',
      'error+steady',
    ]);
    expect(endOf(application, 'scale_down')).toBe('waiting+steady');
  });

  it('a relation joins, is suspended and resumed, and breaks', () => {
    expect(walk(relation, 'joined suspend done resume joined remove done')).toEqual([
      'joining',
      'joined',
      'suspending',
      'suspended',
      'joining',
      'joined',
      'breaking',
      'broken',
    ]);
  });

  it('a machine is provisioned, goes down with its server and comes back', () => {
    expect(walk(jujuMachine, 'done done lost +60s restored')).toEqual([
      'pending.allocating',
      'pending.installing',
      'started',
      'silent',
      'down',
      'started',
    ]);
    expect(endOf(jujuMachine, 'fault +60s')).toBe('pending.allocating');
  });

  it('an action completes, fails, is cancelled before and aborted after its beginning', () => {
    expect(endOf(action, 'begin completed')).toBe('completed');
    expect(endOf(action, 'begin failed')).toBe('failed');
    expect(endOf(action, 'cancel')).toBe('cancelled');
    expect(endOf(action, 'begin cancel aborted')).toBe('aborted');
  });

  it('an upgrade waits for a unit in error', () => {
    expect(walk(upgrade, 'done unit_failed unit_resolved done')).toEqual([
      'pending',
      'running',
      'error',
      'running',
      'completed',
    ]);
  });
});
