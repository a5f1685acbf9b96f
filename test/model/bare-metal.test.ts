import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { disk } from '../../model/bare-metal/disk.ts';
import { KINDS } from '../../model/bare-metal/index.ts';
import {
  STATUS_NAMES,
  STATUSES,
  type StatusName,
  successorsOf,
} from '../../model/bare-metal/maas.ts';
import { machine } from '../../model/bare-metal/machine.ts';
import { nic } from '../../model/bare-metal/nic.ts';
import { pdu } from '../../model/bare-metal/pdu.ts';
import { switchKind } from '../../model/bare-metal/switch.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 150 });

/** Which statuses follow each, over all events, guards and power states of the compiled machine. */
function statusSuccessors(): Map<string, Set<string>> {
  const model = compileModel([machine], []);
  const found = new Map<string, Set<string>>(STATUS_NAMES.map((name) => [name, new Set()]));
  const statusOf = (s: number) => model.stateNames[s].slice('machine/'.length).split('+')[0];
  for (let s = 0; s < model.stateNames.length; s++) {
    for (let e = 0; e < model.eventNames.length; e++) {
      let candidate = model.table[s * model.eventNames.length + e];
      for (; candidate > 0; candidate = model.candidates[candidate * 4 + 3]) {
        const to = statusOf(model.candidates[candidate * 4 + 1]);
        const itself = STATUSES[to as StatusName].next as readonly number[];
        if (to !== statusOf(s) || itself.includes(STATUSES[to as StatusName].code)) {
          found.get(statusOf(s))!.add(to);
        }
      }
    }
  }
  return found;
}

/**
 * NODE_TRANSITIONS of src/maasserver/node_status.py, by number, the same on the branches 3.4 and
 * master of canonical/maas. A machine may also begin as missing (3) or retired (7); here all are new.
 */
const REAL: readonly string[] = [
  ...['0->1,3,4,7,8,17,21', '1->0,2,3,4,7,8,21', '2->1,3,7,8,17,21', '3->0,1,4,8,10,17,21'],
  ...['4->1,3,5,7,8,10,17,21', '5->3,4,7,8,10,12,14,17,21', '6->3,4,8,10,12,14,17,21'],
  ...['7->0,3,4,8,17,21', '8->1,4,6,12,14,17,21', '9->3,4,6,8,10,11,12,14'],
  ...['10->3,4,7,8,9,12,14,17,21', '11->3,4,8,10,12,14,17,21', '12->0,3,4,5,6,8,10,11,13,15'],
  ...['13->4,8,12,14,21', '14->4,8,12,14,15', '15->4,8,10,12,14,17,21', '16->8,19,21'],
  ...['17->4,6,8,16,18,19', '18->8,17,19,21', '19->0,2,3,4,5,6,7,8,10,11,13,15,16,18,20,22'],
  ...['20->8,19,21', '21->0,1,3,4,5,6,7,8,10,11,13,15,18,20,22', '22->1,3,4,6,8,17,21'],
];

describe('the MAAS transition table', () => {
  it('has the 23 statuses with the codes of MAAS', () => {
    expect(STATUS_NAMES.map((name) => STATUSES[name].code)).toEqual(
      Array.from({ length: 23 }, (_, code) => code),
    );
  });

  it('is what the machine allows, with what MAAS goes back to, and no transition more', () => {
    const found = statusSuccessors();
    for (const name of STATUS_NAMES) {
      expect([name, [...found.get(name)!].sort()]).toEqual([name, successorsOf(name).sort()]);
    }
  });

  it('is left by MAAS itself only where a power driver fails or tests are aborted', () => {
    const past = STATUS_NAMES.flatMap((from) => {
      const table: readonly number[] = STATUSES[from].next;
      const back = successorsOf(from).filter((to) => !table.includes(STATUSES[to].code));
      return back.map((to) => `${from} -> ${to}`);
    });
    // What may enter rescue mode and is no successor of entering it; a release of what is being
    // deployed; tests of what failed its commissioning.
    const rescued = STATUS_NAMES.filter((from) => {
      const [table, back]: readonly (readonly number[])[] = [
        STATUSES[from].next,
        STATUSES.entering_rescue_mode.next,
      ];
      return table.includes(17) && !back.includes(STATUSES[from].code);
    });
    expect(past.sort()).toEqual(
      [
        ...rescued.map((to) => `entering_rescue_mode -> ${to}`),
        'releasing -> deploying',
        'testing -> failed_commissioning',
      ].sort(),
    );
  });

  it('is that of MAAS itself', () => {
    const table = REAL.map((row) => {
      const [from, to] = row.split('->');
      return [Number(from), to.split(',').map(Number)];
    });
    expect(table).toEqual(
      STATUS_NAMES.map((name) => [STATUSES[name].code, [...STATUSES[name].next]]),
    );
  });
});

describe('a machine in MAAS', () => {
  const up = 'power_off commission power_on done power_off allocate deploy power_on done';

  it('goes from enlisted to deployed', () => {
    expect(walk(machine, up)).toEqual([
      'new+unknown',
      'new+off',
      'commissioning+off',
      'commissioning+on',
      'ready+on',
      'ready+off',
      'allocated+off',
      'deploying+off',
      'deploying+on',
      'deployed+on',
    ]);
  });

  it('is acquired first when a ready machine is to be deployed', () => {
    expect(walk(machine, 'commission done deploy deploy').slice(2)).toEqual([
      'ready+unknown',
      'allocated+unknown',
      'deploying+unknown',
    ]);
  });

  it('is released through Releasing, erased through Disk erasing', () => {
    expect(walk(machine, `${up} release done power_off`).slice(-3)).toEqual([
      'releasing+on',
      'ready+on',
      'ready+off',
    ]);
    expect(walk(machine, `${up} erase done done`).slice(-3)).toEqual([
      'disk_erasing+on',
      'releasing+on',
      'ready+on',
    ]);
    expect(endOf(machine, `${up} release never_commissioned`)).toBe('new+on');
  });

  it('fails when it is not heard of in time, and recovers', () => {
    expect(endOf(machine, 'commission +9000s')).toBe('failed_commissioning+unknown');
    expect(endOf(machine, 'commission done allocate deploy +9000s')).toBe(
      'failed_deployment+unknown',
    );
    expect(endOf(machine, 'commission fault commission done')).toBe('ready+unknown');
  });

  it('can be aborted in the four statuses that allow it', () => {
    expect(endOf(machine, 'commission abort')).toBe('new+unknown');
    expect(endOf(machine, 'commission done allocate deploy abort')).toBe('allocated+unknown');
    expect(endOf(machine, `${up} erase abort`)).toBe('failed_disk_erasing+on');
    expect(endOf(machine, `${up} test abort`)).toBe('deployed+on');
  });

  it('comes back from tests and rescue mode to what it was', () => {
    expect(endOf(machine, `${up} test done`)).toBe('deployed+on');
    expect(endOf(machine, `${up} rescue_mode done exit_rescue_mode done`)).toBe('deployed+on');
    expect(endOf(machine, 'commission done allocate test done')).toBe('allocated+unknown');
    expect(endOf(machine, 'rescue_mode done exit_rescue_mode done')).toBe('new+unknown');
    const retired = 'commission done status_retired';
    expect(endOf(machine, `${retired} rescue_mode done exit_rescue_mode done`)).toBe(
      'retired+unknown',
    );
  });

  it('is ready after tests that a machine out of order passes', () => {
    expect(endOf(machine, `${up} mark_broken test done`)).toBe('ready+on');
    expect(endOf(machine, 'commission status_testing done')).toBe('ready+unknown');
    expect(endOf(machine, 'commission fault test done')).toBe('new+unknown');
    expect(endOf(machine, `${up} test fault test done`)).toBe('ready+on');
  });

  it('is again what it was when tests are aborted, and ready when commissioning ran them', () => {
    expect(endOf(machine, 'commission fault test abort')).toBe('failed_commissioning+unknown');
    expect(endOf(machine, 'commission status_testing abort')).toBe('ready+unknown');
    expect(endOf(machine, 'commission test')).toBe('commissioning+unknown');
  });

  it('returns from broken or a failed test with the system it has', () => {
    expect(endOf(machine, `${up} mark_broken mark_fixed`)).toBe('deployed+on');
    expect(endOf(machine, 'mark_broken mark_fixed')).toBe('ready+unknown');
    expect(endOf(machine, `${up} test fault mark_broken mark_fixed`)).toBe('ready+on');
    expect(endOf(machine, `${up} mark_broken test abort mark_fixed`)).toBe('ready+on');
    expect(endOf(machine, `${up} test fault override_failed_testing`)).toBe('deployed+on');
  });

  it('takes no request in a wrong status', () => {
    expect(endOf(machine, 'deploy allocate release exit_rescue_mode')).toBe('new+unknown');
    expect(endOf(machine, `${up} commission allocate deploy`)).toBe('deployed+on');
  });
});

describe('power', () => {
  const up = 'power_off commission power_on done allocate deploy done';

  it('returns to its last state when a feed is back', () => {
    expect(endOf(machine, `${up} lost`)).toBe('deployed+unpowered');
    expect(endOf(machine, `${up} lost restored`)).toBe('deployed+on');
    expect(endOf(machine, 'power_off lost restored')).toBe('new+off');
  });

  it('stays off with broken hardware, and without a feed after the repair', () => {
    expect(endOf(machine, `${up} fail lost restored`)).toBe('deployed+dead');
    expect(endOf(machine, `${up} fail repair`)).toBe('deployed+on');
    expect(endOf(machine, `${up} fail lost repair`)).toBe('deployed+unpowered');
    expect(endOf(machine, `${up} fail lost repair restored`)).toBe('deployed+on');
  });

  it('of a PDU needs input and breaker', () => {
    expect(endOf(pdu, 'restored')).toBe('live+closed');
    expect(endOf(pdu, 'restored fail lost repair')).toBe('dark+closed');
    expect(endOf(pdu, 'restored switch_off')).toBe('live+open');
  });

  it('of a switch, disk and NIC comes back only with their partners', () => {
    expect(endOf(switchKind, 'lost restored done lost restored done')).toBe('up');
    expect(endOf(switchKind, 'power_on done fail lost repair')).toBe('off');
    expect(endOf(disk, 'lost restored fail lost repair')).toBe('offline');
    expect(endOf(disk, 'lost restored smart_warning fail repair')).toBe('running');
    expect(endOf(nic, 'lost restored fail lost repair')).toBe('down');
    expect(endOf(nic, 'lost restored fail repair')).toBe('up');
  });
});
