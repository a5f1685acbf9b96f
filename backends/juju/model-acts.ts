/** Models: `MODEL` of the account itself, `OWNER/MODEL` of others. */
import { type Act, type ActContext, acting, afterOthers, callOf, until } from './act.ts';
import { deployBundle } from './bundle-acts.ts';
import { parseConstraints } from './constraints.ts';
import { jujuFault } from './faults.ts';
import { type Params, textSettings } from './params.ts';
import { check } from './results.ts';

const MODEL_NAME = /^[a-z0-9]+[a-z0-9-]*$/;

/** juju add-model. */
const create: Act<Params<'model', 'create'>> = async (context) => {
  const { controller, entity, view } = context;
  const { cloud, config, credential, region } = context.params;
  if (!MODEL_NAME.test(entity)) {
    throw jujuFault('JUJU_BAD_PARAMS', `${entity} is no name of a model of this account`);
  }
  if (!(await view.read()).models.has(entity)) {
    const { user } = controller.access.account;
    const facade = await controller.facade('ModelManager', callOf(context));
    const wanted = {
      name: entity,
      config: textSettings(config),
      qualifier: user,
      // The same, as Juju 3 has it.
      ...(facade.VERSION < 11 && { 'owner-tag': `user-${user}` }),
      ...(cloud !== undefined && { 'cloud-tag': `cloud-${cloud}` }),
      ...(region !== undefined && { region }),
      ...(credential !== undefined && { credential: credentialTag(credential) }),
    };
    await facade.createModel(wanted);
  }
  await until(context, (snapshot) => {
    const { reason = '', state } = snapshot.find('model', entity);
    if (state === 'absent') return { overtaken: 'it is gone' };
    if (state === 'error') return { failed: reason };
    return state === 'available' ? 'done' : 'wait';
  });
};

/** `CLOUD/OWNER/NAME`, as `juju credentials` has it. */
function credentialTag(credential: string): string {
  return `cloudcred-${credential.replaceAll('/', '_')}`;
}

/** juju destroy-model, with all that is in it. */
const destroy: Act<Params<'model', 'destroy'>> = async (context) => {
  const { controller, entity, view } = context;
  const { destroy_storage, force } = context.params;
  const model = (await view.read()).models.get(entity);
  if (!model) return;
  const wanted = {
    'model-tag': `model-${model.uuid}`,
    force,
    ...(destroy_storage !== undefined && { 'destroy-storage': destroy_storage }),
  };
  const facade = await controller.facade('ModelManager', callOf(context));
  check((await facade.destroyModels({ models: [wanted] })).results, entity);
  await until(context, (snapshot) => (snapshot.models.has(entity) ? 'wait' : 'done'));
};

/** juju model-config. */
const configure: Act<Params<'model', 'configure'>> = async (context) => {
  const { config, reset } = context.params;
  await needChosen(context);
  const facade = await acting(context, 'ModelConfig');
  await facade.modelSet({ config: textSettings(config) });
  if (reset.length > 0) await afterOthers(facade.modelUnset({ keys: [...reset] }));
};

/** juju set-model-constraints. */
const constrain: Act<Params<'model', 'set_constraints'>> = async (context) => {
  await needChosen(context);
  const facade = await acting(context, 'ModelConfig');
  const value = parseConstraints(context.params.constraints);
  await facade.setModelConstraints({ application: '', constraints: value });
};

/** Throws JUJU_BAD_PARAMS when the driver was opened for another model. */
async function needChosen({ controller, entity, view }: ActContext): Promise<void> {
  const model = (await view.read()).models.get(entity);
  if (!model) throw jujuFault('JUJU_UNKNOWN', `model ${entity}`);
  if (controller.isChosen(model)) return;
  throw jujuFault('JUJU_BAD_PARAMS', `${entity}: the driver works on ${controller.access.model}`);
}

const bundle: Act<Params<'model', 'deploy_bundle'>> = async (context) => {
  await needChosen(context);
  await deployBundle(context);
};

export const MODEL_ACTS = {
  create,
  destroy,
  configure,
  set_constraints: constrain,
  deploy_bundle: bundle,
};
