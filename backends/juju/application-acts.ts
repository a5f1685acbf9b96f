/** What is done to applications. */
import {
  type Act,
  type ActContext,
  acting,
  afterOthers,
  type Upgrade,
  unknown,
  until,
} from './act.ts';
import {
  addHubCharm,
  addLocalCharm,
  baseOf,
  charmName,
  isLocalCharm,
  isLocalUrl,
} from './charms.ts';
import { parseConstraints, parsePlacement } from './constraints.ts';
import { jujuFault } from './faults.ts';
import { APPLICATION_NAME, type Params, textSettings } from './params.ts';
import { check } from './results.ts';
import { unitState } from './states.ts';
import type { ApplicationStatus, UnitStatus } from './status.ts';
import type { Snapshot } from './view.ts';

type Deployment = Params<'application', 'deploy'>;

/** juju deploy, unless an application of that name and charm is there. */
export const deploy: Act<Deployment> = async (context) => {
  const { entity, params } = context;
  const isNew = await deployApplication(context, params);
  await unitsSettled(context, entity, isNew ? params.units : undefined);
};

/** Deploys without waiting for the units. Whether it was not there before. */
export async function deployApplication(context: ActContext, params: Deployment): Promise<boolean> {
  const { entity } = context;
  if (!APPLICATION_NAME.test(entity)) {
    throw jujuFault('JUJU_BAD_PARAMS', `${entity} is no name of an application`);
  }
  const there = (await context.view.read()).application(entity);
  if (!there) {
    await (isLocalCharm(params.charm) ? deployLocal : deployFromHub)(context, params);
    return true;
  }
  if (there.life !== '' && there.life !== 'alive') {
    throw jujuFault('JUJU_WRONG_STATE', `${entity} is ${there.life}`);
  }
  if (isLocalUrl(there.charm) !== isLocalCharm(params.charm)) {
    throw jujuFault('JUJU_EXISTS', `${entity} is there, of charm ${there.charm}`);
  }
  const isOther = !isLocalCharm(params.charm) && charmName(there.charm) !== charmName(params.charm);
  if (isOther) throw jujuFault('JUJU_EXISTS', `${entity} is there, of charm ${there.charm}`);
  return false;
}

async function deployLocal(context: ActContext, params: Deployment): Promise<void> {
  if (Object.keys(params.resources).length > 0) {
    throw jujuFault('JUJU_BAD_PARAMS', `${context.entity}: a charm of here has none of Charmhub`);
  }
  const { controller, entity } = context;
  const { url, origin } = await addLocalCharm(context, params.charm, params.base);
  const facade = await acting(context, 'Application');
  const trust: Record<string, string> = params.trust ? { trust: 'true' } : {};
  const application = {
    application: entity,
    'charm-url': url,
    'charm-origin': origin,
    channel: params.channel ?? '',
    'num-units': params.units,
    config: { ...textSettings(params.config), ...trust },
    'config-yaml': '',
    constraints: parseConstraints(params.constraints),
    placement: params.to.map((to) => parsePlacement(to, controller.modelUuid ?? '')),
    Force: params.force,
    ...(Object.keys(params.bindings).length > 0 && { 'endpoint-bindings': params.bindings }),
  };
  const { results } = await facade.deploy({ applications: [application] });
  check(results, entity);
}

async function deployFromHub(context: ActContext, params: Deployment): Promise<void> {
  const { controller, entity } = context;
  const facade = await acting(context, 'Application');
  const { base, bindings, channel, resources, revision } = params;
  const Args = [
    {
      ApplicationName: entity,
      CharmName: params.charm.replace(/^ch:/, ''),
      // JSON is YAML.
      ConfigYAML: JSON.stringify({ [entity]: textSettings(params.config) }),
      Cons: parseConstraints(params.constraints),
      Placement: params.to.map((to) => parsePlacement(to, controller.modelUuid ?? '')),
      Trust: params.trust,
      ...{ AttachStorage: [], Devices: {}, DryRun: false, storage: {} },
      'num-units': params.units,
      force: params.force,
      ...(Object.keys(bindings).length > 0 && { 'endpoint-bindings': bindings }),
      ...(Object.keys(resources).length > 0 && { resources: textSettings(resources) }),
      ...(channel !== undefined && { channel }),
      ...(revision !== undefined && { revision }),
      ...(base !== undefined && { base: baseOf(base) }),
    },
  ];
  const { Results } = await facade.deployFromRepository({ Args });
  check(
    Results?.[0]?.Errors?.map((error) => ({ error })),
    entity,
  );
}

/**
 * Adds units, or removes the newest, until there are `units`. An application that is not there is
 * deployed, where a charm is named.
 */
export const scale: Act<Params<'application', 'scale'>> = async (context) => {
  const { controller, entity, params, view } = context;
  const { charm } = params;
  const snapshot = await view.read();
  if (!snapshot.application(entity) && charm !== undefined) {
    return deploy({ ...context, params: { ...params, charm } });
  }
  const application = alive(snapshot.application(entity), entity);
  if (snapshot.status?.model.type === 'caas') {
    const facade = await acting(context, 'Application');
    const wanted = {
      'application-tag': `application-${entity}`,
      scale: params.units,
      force: false,
    };
    check((await facade.scaleApplications({ applications: [wanted] })).results, entity);
  } else {
    const staying = [...application.units]
      .filter(([, unit]) => !isDying(unit))
      .map(([name]) => name);
    const missing = params.units - staying.length;
    if (missing > 0) {
      const placement = params.to.map((to) => parsePlacement(to, controller.modelUuid ?? ''));
      const facade = await acting(context, 'Application');
      await facade.addUnits({ application: entity, 'num-units': missing, placement });
    }
    if (missing < 0) await destroyUnits(context, newestFirst(staying).slice(0, -missing));
  }
  await unitsSettled(context, entity, params.units);
};

function newestFirst(units: readonly string[]): readonly string[] {
  const number = (unit: string) => Number(unit.slice(unit.lastIndexOf('/') + 1));
  return units.toSorted((a, b) => number(b) - number(a));
}

export type Removal = Params<'application', 'remove'>;

export async function destroyUnits(
  context: ActContext,
  units: readonly string[],
  { destroy_storage, force }: Removal = { force: false, destroy_storage: false },
): Promise<void> {
  const facade = await acting(context, 'Application');
  const wanted = units.map((unit) => ({
    'unit-tag': `unit-${unit.replace('/', '-')}`,
    'destroy-storage': destroy_storage,
    force,
  }));
  check((await facade.destroyUnit({ units: wanted })).results, context.entity);
}

/** juju remove-application; waits until it is gone, with its last unit. */
export const removeApplication: Act<Removal> = async (context) => {
  const { entity, view } = context;
  const { destroy_storage, force } = context.params;
  if (!(await view.read()).application(entity)) return;
  const facade = await acting(context, 'Application');
  const wanted = {
    'application-tag': `application-${entity}`,
    'destroy-storage': destroy_storage,
    force,
  };
  check((await facade.destroyApplication({ applications: [wanted] })).results, entity);
  await until(context, (snapshot) => {
    const application = snapshot.application(entity);
    if (!application) return 'done';
    const broken = force ? undefined : unitIn(application, 'error');
    return broken === undefined
      ? 'wait'
      : { failed: `${broken} is in error, and stays until resolved` };
  });
};

/** juju refresh; waits until every unit has the revision. */
export const upgradeApplication: Act<Params<'application', 'upgrade'>> = async (context) => {
  const upgrade = await fetchUpgrade(context, context.entity, context.params);
  await rollOut(context, upgrade);
};

/** Has the controller get the charm of an upgrade. */
export async function fetchUpgrade(
  context: ActContext,
  application: string,
  params: Params<'application', 'upgrade'>,
): Promise<Upgrade> {
  const { charm } = alive((await context.view.read()).application(application), application);
  const { base, channel = '', force } = params;
  const isLocal = params.charm === undefined ? isLocalUrl(charm) : isLocalCharm(params.charm);
  if (isLocal && params.charm === undefined) {
    throw jujuFault('JUJU_BAD_PARAMS', `${application} is of a local charm: name the new file`);
  }
  const known = isLocal
    ? await addLocalCharm(context, params.charm ?? '', base)
    : await addHubCharm(context, application, params);
  return { application, channel, force, ...known };
}

export async function rollOut(context: ActContext, upgrade: Upgrade): Promise<void> {
  const { application, channel, force, origin, url } = upgrade;
  const before = alive((await context.view.read()).application(application), application);
  const facade = await acting(context, 'Application');
  await facade.setCharm({
    application,
    'charm-url': url,
    'charm-origin': origin,
    channel,
    // Units in error are upgraded only by force.
    'force-units': force,
    force,
    'force-base': false,
    generation: 'master',
  });
  const isOther = before.charm !== url;
  await unitsSettled(context, application, undefined, isOther ? { url, before } : undefined);
}

/**
 * juju config; waits until the units that began config-changed are through with it. Others run it in
 * their own time, as do those in error: the new settings may be what they need.
 */
export const configureApplication: Act<Params<'application', 'configure'>> = async (context) => {
  const { entity } = context;
  const { config, reset } = context.params;
  const facade = await acting(context, 'Application');
  const settings = { application: entity, config: textSettings(config), generation: 'master' };
  check((await facade.setConfigs({ Args: [{ ...settings, 'config-yaml': '' }] })).results, entity);
  if (reset.length > 0) {
    const unset = { application: entity, options: [...reset], branch: 'master' };
    const reply = facade.unsetApplicationsConfig({ Args: [unset] });
    await afterOthers(reply.then(({ results }) => check(results, entity)));
  }
  await until(context, (snapshot) => {
    const application = snapshot.application(entity);
    if (!application) return { overtaken: 'it is gone' };
    const agents = [...application.units.values()].map((unit) => agentOf(unit));
    return agents.some((agent) => agent.startsWith('executing.')) ? 'wait' : 'done';
  });
};

/** juju set-constraints: for units that are added from now on. */
export const constrainApplication: Act<Params<'application', 'set_constraints'>> = async (
  context,
) => {
  const { entity, params } = context;
  const facade = await acting(context, 'Application');
  const value = parseConstraints(params.constraints);
  await facade.setConstraints({ application: entity, constraints: value });
};

export const expose: Act = async (context) => {
  await (await acting(context, 'Application')).expose({ application: context.entity });
  await until(context, (snapshot) => seesExposed(snapshot, context.entity, true));
};

export const unexpose: Act = async (context) => {
  const wanted = { application: context.entity, 'exposed-endpoints': [] };
  await (await acting(context, 'Application')).unexpose(wanted);
  await until(context, (snapshot) => seesExposed(snapshot, context.entity, false));
};

function seesExposed(snapshot: Snapshot, entity: string, wanted: boolean) {
  const application = snapshot.application(entity);
  if (!application) return { overtaken: 'it is gone' };
  return application.exposed === wanted ? 'done' : 'wait';
}

interface Change {
  readonly url: string;
  readonly before: ApplicationStatus;
}

/** Waits until an application has its units, each of them idle and of the application's charm. */
export function unitsSettled(
  context: ActContext,
  name: string,
  units: number | undefined,
  change?: Change,
): Promise<void> {
  return until(context, (snapshot) => {
    const application = snapshot.application(name);
    if (!application) return { overtaken: `${name} is gone` };
    if (change && application.charm !== change.url) return 'wait';
    const broken = unitIn(application, 'error') ?? unitIn(application, 'failed');
    if (broken !== undefined) return { failed: `${broken}: ${saidBy(application, broken)}` };
    if (units !== undefined && application.units.size !== units) return 'wait';
    const isOver = [...application.units].every(
      ([unit, now]) => isSettled(now) && hasRun(now, change?.before.units.get(unit)),
    );
    return isOver ? 'done' : 'wait';
  });
}

/**
 * Whether an agent did something since a look before. Juju 4 shows a unit as being of the new charm
 * before its agent knows of it (seen on 4.0.15): that it is idle anew tells that it was upgraded.
 */
function hasRun(now: UnitStatus, before: UnitStatus | undefined): boolean {
  if (!before || agentOf(now) !== 'idle' || agentOf(before) !== 'idle') return true;
  return now['agent-status'].since !== before['agent-status'].since;
}

/** A unit whose agent is lost runs nothing: there is nothing to wait for. */
function isSettled(unit: UnitStatus): boolean {
  return unit.charm === '' && ['idle', 'lost'].includes(agentOf(unit));
}

function unitIn({ units }: ApplicationStatus, agent: string): string | undefined {
  return [...units].find(([, unit]) => agentOf(unit) === agent)?.[0];
}

export function agentOf(unit: UnitStatus, before = ''): string {
  return unitState(unit, before).split('+')[0];
}

function saidBy({ units }: ApplicationStatus, name: string): string {
  const unit = units.get(name);
  return unit?.['workload-status'].info || unit?.['agent-status'].info || 'it is in error';
}

function isDying(unit: UnitStatus): boolean {
  return unit['agent-status'].life === 'dying';
}

function alive(application: ApplicationStatus | undefined, name: string): ApplicationStatus {
  if (!application) throw unknown(`application ${name}`);
  return application;
}
