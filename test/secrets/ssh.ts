import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from 'ssh2';
import { keyPair } from '../backends/ssh/fake-host.ts';
import { type Plant, saying, step } from './planted.ts';

/** SSH: a private key. No host ever sees it; this one knows it all the same, and repeats it. */
export const plantSsh: Plant = async (folder, manner) => {
  const [own, host] = [keyPair(), keyPair()];
  const secrets = linesOf(own.private);
  const operation = step('package/planted/nginx', 'install', 'installed');
  const server = new Server({ hostKeys: [host.private], banner: saying(secrets) }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method === 'none' || manner !== 'serves') context.reject(['publickey']);
      else context.accept();
    });
    client.on('session', (accept) => {
      accept().on('exec', (take) => {
        const channel = take();
        channel.stderr.write(saying(secrets));
        channel.write(saying(secrets));
        channel.exit(7);
        channel.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  const at = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const key = at('key', manner === 'misread' ? own.private.replace('\n', '\n!') : own.private);
  const known = at('known_hosts', `[127.0.0.1]:${port} ${host.public}\n`);
  const config = at(
    'config',
    `Host planted\n  HostName 127.0.0.1\n  Port ${port}\n  User u\n  IdentityFile ${key}\n` +
      `  IdentityAgent none\n  UserKnownHostsFile ${known}\n`,
  );
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const isHeard = manner === 'serves';
  return { secrets, options: { hosts: 'planted', config }, isHeard, operation, close };
};

/** The secret of a key in PEM: its lines between the marks. */
const linesOf = (pem: string) =>
  pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('---'));
