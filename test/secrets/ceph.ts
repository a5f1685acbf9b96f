import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEARD, type Plant, secretOf, step } from './planted.ts';

/** In the place of Ceph's client: repeats its environment, whatever it is asked. */
const program = (rc: number) => `
  const said = '${HEARD} ' + ['CEPH_ARGS', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
    .map((name) => process.env[name]).join(' ');
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, do: what } = JSON.parse(line);
    const isOpened = ${rc} === 0 || what === 'open';
    console.log(JSON.stringify({ id, rc: isOpened ? 0 : ${rc}, out: said, said }));
  });`;

/** Ceph: a key given by CEPH_ARGS, and the keys of the object gateway. */
export const plantCeph: Plant = async (folder, manner) => {
  const [key, s3, session] = ['ceph-key', 'ceph-s3', 'ceph-session'].map(secretOf);
  const secrets = [key, s3, session];
  const operation = step('rbd-image/rbd/planted', 'remove', 'absent');
  const env = {
    CEPH_ARGS: `--id strata --key=${key}`,
    AWS_ACCESS_KEY_ID: 'planted',
    AWS_SECRET_ACCESS_KEY: s3,
    AWS_SESSION_TOKEN: session,
  };
  if (manner === 'misread') {
    const misread = { ...env, CEPH_ARGS: `--key=${key} --name ${key}` };
    return { secrets, env: misread, isHeard: false, operation };
  }
  const file = join(folder, 'client.cjs');
  writeFileSync(file, program(manner === 'refuses' ? -13 : 0));
  const options = { wrapper: `${process.execPath} ${file}`, python: 'python', command_s: 2 };
  return { secrets, env, options, isHeard: true, operation };
};
