import type { CallContext, Facade, Params } from './facade.ts';
import type { ModelRecord } from './records.ts';
import { Refusal, result } from './refusal.ts';

/** What lists of models and descriptions of one have in common. */
function common(model: ModelRecord, { version }: CallContext): object {
  return {
    name: model.name,
    uuid: model.uuid,
    // Juju 3 says who owns it, Juju 4 what qualifies it.
    ...(version.startsWith('3.')
      ? { 'owner-tag': `user-${model.owner}` }
      : { qualifier: model.owner }),
    'cloud-tag': `cloud-${model.cloud}`,
    'cloud-region': 'local',
    'agent-version': version,
    type: 'iaas',
    'is-controller': false,
    life: model.life,
    status: { ...model.status, data: {} },
    'controller-uuid': '',
  };
}

function summary(model: ModelRecord, context: CallContext): object {
  const own = { 'user-access': 'admin', counts: null, 'last-connection': null };
  return { ...common(model, context), ...own };
}

function info(model: ModelRecord, context: CallContext): object {
  const own = { users: [], machines: [], 'secret-backends': null };
  return { ...common(model, context), ...own };
}

export const modelManagerFacade: Facade = {
  on: 'controller',
  methods: {
    ListModelSummaries: (context) => ({
      results: [...context.world.models.values()].map((model) => ({
        result: summary(model, context),
      })),
    }),
    CreateModel: (context, params) => {
      const { account, world } = context;
      if (account.access !== 'superuser') {
        throw new Refusal('unauthorized access', 'permission denied');
      }
      const owner = params.qualifier || params['owner-tag'].replace(/^user-/, '');
      const cloud = (params['cloud-tag'] ?? 'cloud-lab').replace(/^cloud-/, '');
      if (cloud !== 'lab') throw new Refusal('not found', `cloud "${cloud}" not found`);
      return info(world.addModel(params.name, owner, cloud), context);
    },
    DestroyModels: ({ account, world }, { models }) => ({
      results: models.map(({ force = false, 'model-tag': tag }: Params) =>
        result(() => {
          if (account.access !== 'superuser') {
            throw new Refusal('unauthorized access', 'permission denied');
          }
          world.destroyModel(world.model(tag.replace(/^model-/, '')), force);
          return {};
        }),
      ),
    }),
  },
};
