import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { disk } from '../../model/bare-metal/disk.ts';
import { KINDS } from '../../model/bare-metal/index.ts';
import { STATUS_NAMES, STATUSES, type StatusName } from '../../model/bare-metal/maas.ts';
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

describe('the MAAS transition table', () => {
  it('has the 23 statuses with the codes of MAAS', () => {
    expect(STATUS_NAMES.map((name) => STATUSES[name].code)).toEqual(
      Array.from({ length: 23 }, (_, code) => code),
    );
  });

  it('is what the machine allows, no transition more and none less', () => {
    const found = statusSuccessors();
    for (const name of STATUS_NAMES) {
      const codes = [...found.get(name)!].map((n) => STATUSES[n as StatusName].code);
      expect([name, codes.sort((a, b) => a - b)]).toEqual([name, [...STATUSES[name].next]]);
    }
  });

  const notes = new URL('../../../shared/lab/README.md', import.meta.url);
  const present = existsSync(notes);
  if (!present) console.warn('SKIPPED: no lab notes beside this checkout to compare MAAS with');
  it.skipIf(!present)('is the table of the lab notes', () => {
    const line = /Allowed transitions \(.*?\): (.*?)\.\n/.exec(readFileSync(notes, 'utf8'))![1];
    // Its first entry is about creation.
    const [, ...entries] = line.split(';');
    const table = entries.map((part) => {
      const [from, to] = part.trim().split('->');
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
    expect(endOf(machine, 'commission test done')).toBe('ready+unknown');
    expect(endOf(machine, 'commission fault test done')).toBe('new+unknown');
  });

  it('returns from broken or a failed test with the system it has', () => {
    expect(endOf(machine, `${up} mark_broken mark_fixed`)).toBe('deployed+on');
    expect(endOf(machine, 'mark_broken mark_fixed')).toBe('ready+unknown');
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
