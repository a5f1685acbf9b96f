import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answerTo,
  errorTo,
  HostileController,
  type Sabotage,
} from '../backends/juju/hostile-controller.ts';
import { JUJU_CA } from '../backends/juju/tls-files.ts';
import { type Plant, saying, secretOf, step } from './planted.ts';

const UUID = '5e1d43c1-b02f-4dcb-9096-628f84a59857';

/** Juju: the password of an account. */
export const plantJuju: Plant = async (folder, manner) => {
  const password = secretOf('juju-password');
  const planted = {
    secrets: [password],
    env: { JUJU_DATA: folder },
    operation: step('application/planted', 'remove', 'terminated'),
  };
  if (manner === 'misread') {
    const account = `controllers:\n  c:\n    user: admin\n    password: ${password}\n   x: [`;
    writeFileSync(join(folder, 'controllers.yaml'), JSON.stringify(controllers('127.0.0.1:1')));
    writeFileSync(join(folder, 'accounts.yaml'), account);
    return { ...planted, isHeard: false };
  }
  const controller = new HostileController();
  const said = saying([password]);
  const refuse: Sabotage = (request, client) => {
    client.send(errorTo(request, 'unauthorized access', said));
  };
  controller.sabotage =
    manner === 'refuses'
      ? { 'Admin.Login': refuse }
      : {
          'Application.DestroyApplication': refuse,
          'Client.FullStatus': (request, client) => client.send(answerTo(request, status(said))),
        };
  const account = { controllers: { c: { user: 'admin', password } } };
  writeFileSync(
    join(folder, 'controllers.yaml'),
    JSON.stringify(controllers(await controller.listen())),
  );
  writeFileSync(join(folder, 'accounts.yaml'), JSON.stringify(account));
  const models = { controllers: { c: { 'current-model': 'admin/under-test' } } };
  writeFileSync(join(folder, 'models.yaml'), JSON.stringify(models));
  return { ...planted, isHeard: true, close: () => controller.close() };
};

const controllers = (endpoint: string) => ({
  'current-controller': 'c',
  controllers: { c: { uuid: UUID, 'api-endpoints': [endpoint], 'ca-cert': JUJU_CA } },
});

/** A model whose application repeats what was said. */
const status = (said: string) => ({
  model: { name: 'under-test', 'model-status': { status: 'available', info: said } },
  applications: {
    planted: {
      charm: `ch:${said}`,
      life: 'alive',
      status: { status: 'active', info: said },
      units: {},
      relations: {},
    },
  },
});
