/** Relations: `APPLICATION APPLICATION` or `APPLICATION:ENDPOINT APPLICATION:ENDPOINT`. */
import { type Act, acting, unknown, until } from './act.ts';
import { jujuFault } from './faults.ts';
import type { Params } from './params.ts';
import { check } from './results.ts';
import type { RelationStatus } from './status.ts';
import type { Snapshot } from './view.ts';

const ENDPOINT = /^[a-z][a-z0-9-]*(:[A-Za-z0-9_-]+)?$/;

/** juju integrate; waits until it is joined, where both sides have units. */
const add: Act = async (context) => {
  const { entity, view } = context;
  const endpoints = entity.split(/\s+/);
  if (endpoints.length > 2 || !endpoints.every((each) => ENDPOINT.test(each))) {
    throw jujuFault('JUJU_BAD_PARAMS', `${entity} does not name two endpoints`);
  }
  if (!(await view.read()).relation(entity)) {
    await (await acting(context, 'Application')).addRelation({ endpoints });
  }
  await until(context, (snapshot) => {
    const relation = snapshot.relation(entity);
    if (!relation) return { overtaken: 'it is gone' };
    const { info, status } = relation.status;
    if (status === 'error') return { failed: info };
    return status === 'joined' || !haveUnits(snapshot, relation) ? 'done' : 'wait';
  });
};

function haveUnits(snapshot: Snapshot, { endpoints }: RelationStatus): boolean {
  return endpoints.every(({ application }) => {
    const units = snapshot.application(application)?.units.size ?? 0;
    const isSubordinate = (snapshot.application(application)?.['subordinate-to'].length ?? 0) > 0;
    return units > 0 || isSubordinate;
  });
}

/** juju remove-relation; waits until both sides have left it. */
const remove: Act<Params<'relation', 'remove'>> = async (context) => {
  const { entity, view } = context;
  const { force } = context.params;
  const relation = (await view.read()).relation(entity);
  if (!relation) return;
  const facade = await acting(context, 'Application');
  await facade.destroyRelation({ 'relation-id': relation.id, force });
  await until(context, (snapshot) => (snapshot.relation(entity) ? 'wait' : 'done'));
};

/** juju suspend-relation and resume-relation, of relations to other models. */
function setSuspended(suspended: boolean): Act<Params<'relation', 'suspend'>> {
  return async (context) => {
    const { entity, view } = context;
    const { message } = context.params;
    const relation = (await view.read()).relation(entity);
    if (!relation) throw unknown(`relation ${entity}`);
    const facade = await acting(context, 'Application');
    const wanted = { 'relation-id': relation.id, suspended, message };
    check((await facade.setRelationsSuspended({ args: [wanted] })).results, entity);
    const reached = suspended ? 'suspended' : 'joined';
    await until(context, (snapshot) => {
      const now = snapshot.relation(entity);
      if (!now) return { overtaken: 'it is gone' };
      if (now.status.status === 'error') return { failed: now.status.info };
      return now.status.status === reached ? 'done' : 'wait';
    });
  };
}

export const RELATION_ACTS = {
  add,
  break: remove,
  remove,
  suspend: setSuspended(true),
  resume: setSuspended(false),
};
