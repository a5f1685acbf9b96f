/** What a program outside of the lab's network asks the service for. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { metalPaths } from './layout.ts';
import type { MachineFile } from './service.ts';

const PATIENCE_MS = 10_000;

/** What a machine does the next time it boots from the network; forgets what it said before. */
export async function setMode(mac: string, mode: MachineFile['mode']): Promise<void> {
  await ask('PUT', `/mode/${mac}`, mode);
}

/** Everything the machines said, by MAC address. */
export async function machineFiles(): Promise<Readonly<Record<string, MachineFile>>> {
  return JSON.parse(await ask('GET', '/machines')) as Record<string, MachineFile>;
}

function ask(method: string, path: string, body = ''): Promise<string> {
  const socketPath = metalPaths().control;
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, timeout: PATIENCE_MS }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('the service does not answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A connection to an address in the network of the machines. */
export function connectWithin(host: string, port: number): Promise<Duplex> {
  const socketPath = metalPaths().control;
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'CONNECT', path: `${host}:${port}` });
    asked.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) resolve(socket);
      else reject(new Error(`CONNECT ${host}:${port}: ${answer.statusCode}`));
    });
    asked.on('error', reject);
    asked.end();
  });
}
