/** Deploys a bundle: machines, applications, relations, in this order, each unless it is there. */
import { type ActContext, acting, afterOthers, until } from './act.ts';
import {
  configureApplication,
  deployApplication,
  expose,
  unitsSettled,
} from './application-acts.ts';
import { type Bundle, type BundleApplication, placementsOf, readBundle } from './bundle.ts';
import { addMachine } from './machine-acts.ts';
import { JUJU_PARAMS, type Params, paramsOf } from './params.ts';

export async function deployBundle(
  context: ActContext<Params<'model', 'deploy_bundle'>>,
): Promise<void> {
  const { bundle: path, overlays } = context.params;
  const bundle = await readBundle(path, overlays);
  await afterOthers(carryOut(context, bundle));
}

async function carryOut(context: ActContext, bundle: Bundle): Promise<void> {
  const machines = await addMachines(context, bundle.machines);
  for (const application of bundle.applications) await deployOne(context, application, machines);
  for (const relation of bundle.relations) await relate(context, relation);
  for (const { name } of bundle.applications) await unitsSettled(context, name, undefined);
  await until(context, (snapshot) => {
    const relations = bundle.relations.map((each) => snapshot.relation(each));
    const broken = relations.find((each) => each?.status.status === 'error');
    if (broken) return { failed: `relation ${broken.key}: ${broken.status.info}` };
    return relations.every(Boolean) ? 'done' : 'wait';
  });
}

/** Machines of a bundle keep its numbers as their names: `BUNDLE-MACHINE`. */
async function addMachines(
  context: ActContext,
  wanted: Bundle['machines'],
): Promise<ReadonlyMap<string, string>> {
  const { names, view } = context;
  const ids = new Map<string, string>();
  for (const { base, constraints, name } of wanted) {
    const entity = `bundle-${name}`;
    const snapshot = await view.read();
    const there = snapshot.machine(entity) && names.idOf(entity);
    const asked = {
      kind: 'juju-machine',
      entity,
      verb: 'provision',
      params: { base, constraints },
    };
    const params = paramsOf(asked, JUJU_PARAMS['juju-machine'].provision);
    ids.set(name, there ?? (await addMachine({ ...context, entity, params })));
  }
  return ids;
}

async function deployOne(
  context: ActContext,
  application: BundleApplication,
  machines: ReadonlyMap<string, string>,
): Promise<void> {
  const {
    name: entity,
    options: config = {},
    to: wanted = [],
    units,
    charm,
    channel,
  } = application;
  const { revision, base, constraints, trust, resources, bindings } = application;
  const isThere = (await context.view.read()).application(entity) !== undefined;
  const to = placementsOf(wanted, machines).filter((each) => each !== 'new');
  const params = {
    ...{ charm, channel, revision, base, constraints, trust, resources, bindings },
    ...{ units, to, config },
  };
  const own = { ...context, entity };
  const asked = { kind: 'application', entity, verb: 'deploy', params };
  await deployApplication(own, paramsOf(asked, JUJU_PARAMS.application.deploy));
  if (isThere && Object.keys(config).length > 0) {
    await configureApplication({ ...own, params: { config, reset: [] } });
  }
  if (application.expose) await expose(own);
}

async function relate(context: ActContext, relation: string): Promise<void> {
  if ((await context.view.read()).relation(relation)) return;
  const facade = await acting(context, 'Application');
  await facade.addRelation({ endpoints: relation.split(' ') });
}
