/** Actions of charms. */
import type { Observation } from '../../engine/contract.ts';
import { untilSettled } from '../await-state.ts';
import { type Act, type ActContext, acting, until } from './act.ts';
import { jujuFault, refusal } from './faults.ts';
import { entityOfTag, unitTag } from './inventory.ts';
import type { Params } from './params.ts';
import { errorOf } from './results.ts';
import { read } from './shape.ts';
import { actionState, ENDED_ACTIONS } from './states.ts';
import { type ActionResult, actionResultsShape } from './status.ts';

type Running = Params<'action', 'run'>;

/** Runs an action and waits until it is over. Throws JUJU_OPERATION_FAILED when it ended badly. */
export async function runAction(context: ActContext, wanted: Running): Promise<string> {
  const id = await enqueue(context, wanted);
  await actionEnded(context, id);
  return id;
}

async function enqueue(context: ActContext, wanted: Running): Promise<string> {
  const facade = await acting(context, 'Action');
  const action = {
    receiver: unitTag(wanted.unit),
    name: wanted.action,
    parameters: wanted.params,
    tag: '',
  };
  const answer = await facade.enqueueOperation({ actions: [action] });
  const results = read(actionResultsShape, { results: answer.actions }, 'the action');
  const [result] = results.results;
  if (result?.error) throw refusal(errorOf(result.error), context.entity);
  const id = entityOfTag(result?.action?.tag ?? '');
  if (id !== '') return id;
  throw jujuFault('JUJU_MALFORMED', `${context.entity}: the action has no number`);
}

/** The model is looked at as well: who watches hears of the action and of its unit. */
async function actionEnded(context: ActContext, id: string): Promise<void> {
  const { attempt, controller, entity, look_s, view } = context;
  const call = { about: entity, signal: attempt.signal };
  let last: ActionResult | undefined;
  const look = async (): Promise<Observation> => {
    const facade = await controller.modelFacade('Action', call);
    const answer = await facade.actions({ entities: [{ tag: `action-${id}` }] });
    [last] = read(actionResultsShape, answer, 'the action').results;
    if (last?.error) throw refusal(errorOf(last.error), entity);
    await view.read();
    return { kind: 'action', entity: id, state: actionState(last?.status ?? '') };
  };
  const isOver = ({ state }: Observation) => ENDED_ACTIONS.includes(state);
  const { state } = await untilSettled(look, isOver, look_s, attempt.signal);
  if (state === 'completed') return;
  const said = last?.message ? `: ${last.message}` : '';
  throw jujuFault('JUJU_OPERATION_FAILED', `${entity}: action ${id} is ${state}${said}`);
}

/** juju run. The entity is what the scenario calls it; Juju gives it a number. */
const run: Act<Running> = async (context) => {
  const { entity, memory, params } = context;
  const known = memory.actions.get(entity);
  const id = known ?? (await enqueue(context, params));
  memory.actions.set(entity, id);
  await actionEnded(context, id);
};

/** juju cancel-task; waits until it is over, however it ends. */
const cancel: Act = async (context) => {
  const { entity, memory } = context;
  const id = memory.actions.get(entity) ?? entity;
  const facade = await acting(context, 'Action');
  const answer = await facade.cancel({ entities: [{ tag: `action-${id}` }] });
  const [result] = read(actionResultsShape, answer, 'the action').results;
  if (result?.error) throw refusal(errorOf(result.error), entity);
  await until(context, (snapshot) =>
    ENDED_ACTIONS.includes(snapshot.find('action', id).state) ? 'done' : 'wait',
  );
};

export const ACTION_ACTS = { run, cancel };
