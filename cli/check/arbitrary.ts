/** What `strata check` draws: seeds, stretched timings, operations and faults. */
import fc from 'fast-check';
import type { FaultTarget, Scenario, ServerAction } from '../../model/scenario.ts';
import type { Plan, PlanStep } from '../../sim/plan.ts';

const ACTIONS: readonly ServerAction[] = [
  'reboot',
  'stop_start',
  'pause_unpause',
  'suspend_resume',
  'resize',
  'live_migrate',
  'migrate',
  'rebuild',
  'shelve_unshelve',
  'snapshot',
  'rescue_unrescue',
];

const STEPS_MAX = 12;
const STRETCHES_MAX = 3;

/** Classes of components that this scenario has at all. */
export function targetsOf(scenario: Scenario): readonly FaultTarget[] {
  const { stack } = scenario;
  const targets: FaultTarget[] = ['disk', 'machine', 'nic', 'switch', 'pdu', 'host-os'];
  if (stack.ceph) targets.push('mon', 'mgr', 'osd');
  if (stack.openstack || stack.hypervisor) targets.push('domain');
  if (stack.kubernetes.length > 0) targets.push('kubelet', 'pod');
  return targets;
}

/** Plans for a scenario, smallest first: fewer steps, earlier components, shorter times. */
export function planFor(scenario: Scenario): fc.Arbitrary<Plan> {
  const pick = fc.nat({ max: 9999 });
  const after_s = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3600 }));
  const fail = fc.record({
    do: fc.constant('fail' as const),
    after_s,
    target: fc.constantFrom(...targetsOf(scenario)),
    pick,
    heal_after_s: fc.integer({ min: 1, max: 7200 }),
  });
  const boot = fc.record({ do: fc.constant('boot' as const), after_s, pick });
  const remove = fc.record({ do: fc.constant('delete' as const), after_s, pick });
  const act = fc.record({
    do: fc.constant('act' as const),
    after_s,
    pick,
    action: fc.constantFrom(...ACTIONS),
  });
  const step: fc.Arbitrary<PlanStep> = scenario.stack.openstack
    ? fc.oneof({ weight: 3, arbitrary: fail }, boot, remove, { weight: 2, arbitrary: act })
    : fail;
  return fc.record({
    seed: fc.nat(),
    stretches: fc.array(
      fc.record({ key: fc.nat({ max: 999 }), factor: fc.constantFrom(0.1, 0.5, 2, 5, 20) }),
      { maxLength: STRETCHES_MAX },
    ),
    steps: fc.array(step, { maxLength: STEPS_MAX }),
  });
}
