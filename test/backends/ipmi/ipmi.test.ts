import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverBackend } from '../../../backends/driver-backend.ts';
import { faultOf } from '../../../backends/fault.ts';
import { complaintOf } from '../../../backends/ipmi/complaint.ts';
import { IpmiDriver } from '../../../backends/ipmi/driver.ts';
import { MACHINE_PARAMS } from '../../../backends/ipmi/params.ts';
import { parseLog, parsePower, parseSensors } from '../../../backends/ipmi/reports.ts';
import { ipmiSpec } from '../../../backends/ipmi/spec.ts';
import { bootDeviceArgs, POWER_VERBS } from '../../../backends/ipmi/verbs.ts';
import type { Asked } from '../../../backends/verb-params.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { anyText } from '../../support/any-text.ts';
import { mistyped, naming } from '../mistyped.ts';
import { FakeIpmitool } from './fake-ipmitool.ts';

const PASSWORD = 'planted-bmc-password';
let tool: FakeIpmitool;
let backend: DriverBackend<IpmiDriver>;

beforeEach(() => {
  tool = new FakeIpmitool();
  tool.isController();
  backend = new DriverBackend(
    new IpmiDriver({
      inventory: [{ name: 'm', address: '192.0.2.7', rack: 'r1' }],
      env: { IPMI_PASSWORD: PASSWORD, LONG: 'x'.repeat(21) },
      ipmitool: { program: tool.program, command_s: 2 },
      look_s: 0.01,
    }),
  );
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  tool.remove();
});

let count = 0;
const act = (verb: string, params = {}, entity = 'm', deadline_s = 10) =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'bare-metal', kind: 'machine', entity, verb, params, deadline_s },
      },
      reply,
    ),
  );
const observe = (entity = 'm') =>
  new Promise<Observation | Fault>((reply) => backend.observe('machine', entity, reply));

describe('ipmitool', () => {
  it('gets arguments one by one, and the password in its environment only', async () => {
    tool.is('echo "Chassis Power is on"; printenv IPMI_PASSWORD >"$state"');
    expect(await observe()).toMatchObject({ state: 'new+on', attributes: { rack: 'r1' } });
    expect(tool.calls()).toEqual([
      '-v -I lanplus -C 3 -N 1 -R 3 -H 192.0.2.7 -p 623 -U admin -E chassis power status',
    ]);
    expect(readFileSync(join(tool.folder, 'state'), 'utf8').trim()).toBe(PASSWORD);
  });

  it.each([
    ['echo "> RAKP 2 HMAC is invalid" >&2; exit 1', 'IPMI_AUTH', 'none'],
    [
      'echo "RAKP 2 message indicates an error : unauthorized name" >&2; exit 1',
      'IPMI_AUTH',
      'none',
    ],
    [
      'echo "Error: Unable to establish IPMI v2 / RMCP+ session" >&2; exit 1',
      'IPMI_UNREACHABLE',
      'none',
    ],
    ['echo "Address lookup for x failed" >&2; exit 1', 'IPMI_UNREACHABLE', 'none'],
    [
      'echo "Set Chassis Power Control to Up/On failed: Insufficient privilege level" >&2; exit 1',
      'IPMI_DENIED',
      'none',
    ],
    [
      'echo "Set it failed: Command not supported in present state" >&2; exit 1',
      'IPMI_WRONG_STATE',
      'none',
    ],
    [
      'echo "Set Chassis Boot Parameter 5 failed: Unspecified error" >&2; exit 0',
      'IPMI_REFUSED',
      'none',
    ],
    [
      'echo "Unable to set Chassis Power Control to Up/On" >&2; exit 1',
      'IPMI_NO_ANSWER',
      'unknown',
    ],
    ['exit 3', 'IPMI_REFUSED', 'none'],
    ['yes x', 'IPMI_MALFORMED', 'unknown'],
    ['exec sleep 60', 'IPMI_NO_ANSWER', 'unknown'],
  ])('that says (%s): %s', async (script, code, effect) => {
    tool.is(script);
    expect(await act('identify')).toMatchObject({ type: 'fault', fault: { code, effect } });
  });

  it('that cannot be run is a fault', async () => {
    tool.remove();
    expect(await observe()).toMatchObject({ code: 'IPMI_TOOL_MISSING', effect: 'none' });
  });

  it.each([
    ['nothing', ':', 'IPMI_MALFORMED'],
    ['something else', 'echo "Chassis Power is purple"', 'IPMI_MALFORMED'],
    ['bytes', 'head -c 5000 /dev/urandom', 'IPMI_MALFORMED'],
  ])('that answers %s is a fault', async (_what, script, code) => {
    tool.is(script);
    expect(await observe()).toMatchObject({ code, effect: 'none' });
  });

  it('is ended when its action is given up, and when the backend is closed', async () => {
    tool.is('echo $$ >"$state"; exec sleep 60');
    const pid = () => Number(readFileSync(join(tool.folder, 'state'), 'utf8'));
    writeFileSync(join(tool.folder, 'state'), '0');
    expect(await act('identify', {}, 'm', 0.5)).toMatchObject({
      fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' },
    });
    await expect.poll(() => isAlive(pid())).toBe(false);
    const replied = act('identify');
    await expect.poll(() => pid() !== 0 && isAlive(pid())).toBe(true);
    await new Promise<void>((closed) => backend.close(closed));
    expect(isAlive(pid())).toBe(false);
    expect(await replied).toMatchObject({ fault: { code: 'BACKEND_CLOSED' } });
  });

  it('that repeats the password does not make it show', async () => {
    tool.is('echo "Set $IPMI_PASSWORD failed: $IPMI_PASSWORD" >&2; exit 1');
    const seen = [await act('identify'), await observe(), backend.driver, await act('power_on')];
    expect(JSON.stringify(seen)).not.toContain('planted');
  });
});

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('verbs', () => {
  it('wait until their effect is seen, and may be asked for twice', async () => {
    expect(await act('power_on')).toMatchObject({ observation: { state: 'new+on' } });
    expect(await act('power_on')).toMatchObject({ observation: { state: 'new+on' } });
    expect(await act('soft_off')).toMatchObject({ observation: { state: 'new+off' } });
    expect(await act('soft_off')).toMatchObject({ observation: { state: 'new+off' } });
    expect(tool.calls().filter((call) => /power soft$/.test(call))).toHaveLength(1);
  });

  it('that a controller would take for something else are refused', async () => {
    for (const verb of ['power_cycle', 'power_reset']) {
      expect(await act(verb)).toMatchObject({
        fault: { code: 'IPMI_WRONG_STATE', effect: 'none' },
      });
    }
    expect(tool.calls().some((call) => /cycle|reset/.test(call))).toBe(false);
  });

  it('of a machine that nobody knows are refused', async () => {
    for (const verb of [...Object.keys(POWER_VERBS), 'forget', 'inspect', 'identify']) {
      expect(await act(verb, {}, 'nobody')).toMatchObject({ fault: { code: 'IPMI_UNKNOWN' } });
    }
  });

  it('make a controller known, and unknown again', async () => {
    expect(await act('enlist', { address: '192.0.2.8' }, 'n')).toMatchObject({
      observation: { entity: 'n', state: 'new+off' },
    });
    expect(await act('forget', {}, 'n')).toMatchObject({ observation: { state: 'absent' } });
    expect(await observe('n')).toMatchObject({ state: 'absent' });
  });

  it.each([
    ['no address', {}, 'IPMI_BAD_PARAMS'],
    ['an address that is an option', { address: '-H' }, 'IPMI_BAD_PARAMS'],
    ['a user that is an option', { address: 'x', user: '-f/etc/shadow' }, 'IPMI_BAD_PARAMS'],
    ['a port that is none', { address: 'x', port: 0 }, 'IPMI_BAD_PARAMS'],
    ['no password', { address: 'x', password_env: 'UNSET' }, 'IPMI_NO_PASSWORD'],
    ['a long password', { address: 'x', password_env: 'LONG' }, 'IPMI_NO_PASSWORD'],
  ])('know no controller with %s', async (_what, params, code) => {
    expect(await act('enlist', params, 'n')).toMatchObject({ fault: { code, effect: 'none' } });
    expect(tool.calls()).toEqual([]);
  });

  it.each(mistyped({ machine: MACHINE_PARAMS }))(
    '$verb takes no value of another type',
    async (row) => {
      await fc.assert(
        fc.asyncProperty(row.wrong, async ([field, value]) => {
          const message = expect.stringMatching(naming(field));
          expect(await act(row.verb, { [field]: value })).toMatchObject({
            fault: { code: 'IPMI_BAD_PARAMS', effect: 'none', message },
          });
        }),
      );
      expect(tool.calls()).toEqual([]);
    },
  );

  it('set what a machine boots from', () => {
    const about = { kind: 'machine', entity: 'm', verb: 'set_boot_device' };
    const args = (params: Asked['params']) => bootDeviceArgs({ ...about, params });
    expect(args({ device: 'pxe' })).toEqual(['chassis', 'bootdev', 'pxe']);
    expect(args({ device: 'disk', persistent: true, efi: true })).toEqual([
      ...['chassis', 'bootdev', 'disk', 'options=persistent,efiboot'],
    ]);
    expect(() => args({ device: 'floppy; reboot' })).toThrow();
  });
});

describe('a controller that does not answer', () => {
  it('is an error of its machine in a list, and of no other', async () => {
    await act('enlist', { address: '192.0.2.8' }, 'n');
    tool.is(`case "$args" in *192.0.2.7*) echo 'Unable to establish IPMI v2' >&2; exit 1 ;; esac
      echo 'Chassis Power is on'`);
    const listed = await backend.driver.list();
    expect(listed.map(({ entity, state, reason }) => [entity, state, reason])).toEqual([
      ['m', 'new+error', 'IPMI_UNREACHABLE'],
      ['n', 'new+on', 'Chassis Power is on'],
    ]);
    expect(await observe()).toMatchObject({ code: 'IPMI_UNREACHABLE', retryable: true });
  });

  it('is what the doctor says', async () => {
    expect(await backend.driver.diagnose()).toMatchObject([{ ok: true }]);
    tool.is("echo '> RAKP 2 HMAC is invalid' >&2; exit 1");
    expect(await backend.driver.diagnose()).toMatchObject([
      { check: 'authenticated', ok: false, advice: expect.stringContaining('cipher suite 3') },
    ]);
    expect(await new IpmiDriver().diagnose()).toMatchObject([{ ok: false }]);
  });
});

describe('reports', () => {
  it('are read as ipmitool writes them', () => {
    expect(parsePower('Chassis Power is off\n', 'm')).toBe('off');
    expect(parseSensors('CPU Temp,35,degrees C,ok\nFan,,RPM,ns\nIntrusion,0x00,ok\n')).toEqual([
      { name: 'CPU Temp', value: 35, unit: 'degrees C', status: 'ok' },
      { name: 'Fan', value: undefined, unit: 'RPM', status: 'ns' },
      { name: 'Intrusion', value: 0, unit: '', status: 'ok' },
    ]);
    const log = '1,11/26/2026,05:44:10,Temperature #0x01,Upper Critical going high,Asserted\n';
    expect(parseLog(log)).toEqual([
      {
        ...{ id: '1', time: '11/26/2026 05:44:10', sensor: 'Temperature #0x01' },
        ...{ event: 'Upper Critical going high', direction: 'Asserted' },
      },
    ]);
  });

  it('of any other form are no exception', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 200 }), (text) => {
        parseSensors(text);
        parseLog(text);
        complaintOf(text);
      }),
    );
  });

  it('that are no complaints are none, though they are written as one', () => {
    const verbose =
      'Loading IANA PEN Registry...\nRunning Get VSO Capabilities my_addr 0x20, transit 0\n' +
      'Invalid completion code received: Invalid command\nDiscovered IPMB address 0x0\n';
    expect(complaintOf(verbose)).toBeUndefined();
    expect(complaintOf('Get HPM.x Capabilities request failed, compcode = d4\n')).toBeUndefined();
    expect(complaintOf('SEL has no entries\n')).toBeUndefined();
  });
});

describe('an inventory', () => {
  const open = async (text: string) => {
    const path = join(tool.folder, 'inventory.yaml');
    writeFileSync(path, text);
    const env = { IPMI_PASSWORD: PASSWORD };
    return ipmiSpec.open({ inventory: path, ipmitool: tool.program }, env);
  };

  it('names machines and where they stand', async () => {
    const driver = await open('machines: [{name: a, address: 192.0.2.9, rack: r7}]');
    expect(await driver.list()).toMatchObject([{ entity: 'a', attributes: { rack: 'r7' } }]);
    await driver.close();
  });

  it.each([
    ['no list', 'machines: 7'],
    ['no YAML', 'machines: [}'],
    ['a machine without address', 'machines: [{name: a}]'],
    ['a password', 'machines: [{name: a, address: x, password: planted}]'],
    ['two of one name', 'machines: [{name: a, address: x}, {name: a, address: y}]'],
  ])('with %s is refused', async (_what, text) => {
    const fault = await open(text).catch((thrown) => faultOf(thrown, 'none'));
    expect(fault).toMatchObject({ code: 'IPMI_BAD_INVENTORY' });
    expect(JSON.stringify(fault)).not.toContain('planted');
  });
});
