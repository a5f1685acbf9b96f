import { z } from 'zod';
import type { Action, Observation } from '../../engine/contract.ts';
import { each } from '../act-order.ts';
import { FaultError } from '../fault.ts';
import { parsed } from './facts.ts';
import { sshFault } from './faults.ts';
import { acting, type KindDriver } from './kind-driver.ts';
import { unitOf } from './names.ts';
import type { SshSession } from './session.ts';

const KIND = 'systemd-unit';
const ACT_S = 120;

const listed = z.array(z.object({ unit: z.string(), active: z.string(), sub: z.string() }));

/** systemd's ActiveState, as states of the machine; `activating` also has a SubState. */
export function unitState(active: string, sub: string): string {
  if (active === 'activating') {
    return sub === 'auto-restart' ? 'activating.auto-restart' : 'activating.start';
  }
  return active;
}

const EVENTS: Readonly<Record<string, string>> = {
  active: 'is_active',
  inactive: 'is_inactive',
  failed: 'is_failed',
};

/** Service units of a host, named `HOST/UNIT`. */
export const units: KindDriver = {
  kind: KIND,
  verbs: ['start', 'stop', 'restart', 'reload', 'reset_failed', 'enable', 'disable'],
  // systemd cancels the job of a unit that another is asked for.
  order: { interrupts: each(['stop', 'restart'], ['start', 'restart', 'reload']) },
  watched: 'all',
  hostOf: (entity) => unitOf(entity).host,

  async perform(session, { entity, verb }: Action, attempt) {
    const { unit } = unitOf(entity);
    if ((await show(session, unit)).load === 'not-found') {
      throw sshFault('SSH_UNIT_UNKNOWN', entity);
    }
    const act = ['systemctl', verb.replace('_', '-'), '--', unit];
    await session.act(act, acting(attempt, ACT_S));
    attempt.effect('done');
  },

  async observe(session, entity) {
    const { load, active, sub, file } = await show(session, unitOf(entity).unit);
    if (load === 'not-found') return { kind: KIND, entity, state: 'absent' };
    const seen = observation(entity, active, sub);
    return { ...seen, attributes: { ...seen.attributes, unit_file: file } };
  },

  async list(session) {
    const argv = ['systemctl', 'list-units', '--type=service', '--all', '--output=json'];
    const any = [0, 1];
    try {
      const { stdout, status } = await session.ask(argv, {}, any);
      if (status !== 0) return []; // no systemd runs there
      return parsed(stdout, listed, argv.join(' ')).map(({ unit, active, sub }) =>
        observation(`${session.target.alias}/${unit}`, active, sub),
      );
    } catch (cause) {
      const code = cause instanceof FaultError ? cause.fault.code : '';
      if (code !== 'SSH_PROGRAM_MISSING') throw cause;
      return [];
    }
  },
};

function observation(entity: string, active: string, sub: string): Observation {
  const state = unitState(active, sub);
  const event = EVENTS[state];
  const attributes: Record<string, string> = event === undefined ? {} : { event };
  return { kind: KIND, entity, state, reason: `${active}/${sub}`, attributes };
}

async function show(session: SshSession, unit: string) {
  const argv = [
    'systemctl',
    'show',
    '--property=LoadState,ActiveState,SubState,UnitFileState',
    '--',
    unit,
  ];
  const { stdout } = await session.ask(argv);
  const values = Object.fromEntries(
    stdout.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  );
  return {
    load: values['LoadState'] ?? '',
    active: values['ActiveState'] ?? 'inactive',
    sub: values['SubState'] ?? '',
    /** `enabled`, `disabled`, `static` and so on: whether it starts with the system. */
    file: values['UnitFileState'] ?? '',
  };
}
