import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EchoServer } from './echo-server.ts';
import { basicOf, type Plant, saying, secretOf, step } from './planted.ts';

const SESSIONS = '/redfish/v1/Sessions';
const SYSTEM = '/redfish/v1/Systems/1';

/** Redfish: the password of a service, and the token of the session that it opens. */
export const plantRedfish: Plant = async (folder, manner) => {
  const [password, token] = ['redfish-password', 'redfish-token'].map(secretOf);
  const secrets = [password, token, basicOf('admin', password)];
  const operation = step('machine/planted', 'power_on', 'on');
  const inventory = join(folder, 'inventory.yaml');
  const planted = { secrets, operation, options: { inventory } };
  if (manner === 'misread') {
    // A password does not belong there; a file that has one is not quoted all the same.
    writeFileSync(inventory, `machines:\n  - name: planted\n    password: ${password}\n   x: [`);
    return { ...planted, isHeard: false };
  }
  const error = (said: string) => ({
    error: {
      code: `Base.1.0.${said}`,
      '@Message.ExtendedInfo': [{ MessageId: `Base.1.0.${said}`, Message: said }],
    },
  });
  const server = await new EchoServer(({ method, path, said }) => {
    // It gives out no token to whom it refuses.
    const known = manner === 'refuses' ? secrets.filter((each) => each !== token) : secrets;
    const all = `${said} ${saying(known)}`;
    const root = { RedfishVersion: '1.6.0', Links: { Sessions: { '@odata.id': SESSIONS } } };
    if (path === '/redfish/v1/') return { body: root };
    if (manner === 'refuses') return { status: 401, body: error(all) };
    if (path === SESSIONS) return { status: 201, headers: { 'x-auth-token': token }, body: {} };
    if (method !== 'GET') return { status: 400, body: error(all) };
    if (path === '/redfish/v1/Systems') return { body: { Members: [{ '@odata.id': SYSTEM }] } };
    return {
      body: {
        ...{ '@odata.id': SYSTEM, Id: '1', PowerState: 'Off', Model: all, SerialNumber: all },
        ...{ Manufacturer: all, UUID: all, Status: { Health: all, State: all } },
        Actions: { '#ComputerSystem.Reset': { target: `${SYSTEM}/Reset` } },
      },
    };
  }).open();
  writeFileSync(
    inventory,
    `machines:\n  - { name: planted, url: "${server.url}" , user: admin }\n`,
  );
  const env = { REDFISH_PASSWORD: password };
  return { ...planted, env, isHeard: true, close: () => server.close() };
};
