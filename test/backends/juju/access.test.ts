import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FaultError } from '../../../backends/fault.ts';
import { readAccess } from '../../../backends/juju/access.ts';
import type { Fault } from '../../../engine/contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-juju-data-'));
  write('controllers', {
    controllers: {
      one: { 'api-endpoints': ['10.0.0.1:17070', '[fd00::1]:17070'], 'ca-cert': ' PEM ' },
      two: { 'public-hostname': 'juju.example', 'agent-version': '3.6.14' },
    },
    'current-controller': 'one',
  });
  write('accounts', {
    controllers: {
      one: { user: 'admin', password: 'planted-secret' },
      two: { user: 'bob@external' },
    },
  });
  write('models', { controllers: { one: { 'current-model': 'admin/prod' } } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, value: object | string): void {
  const text = typeof value === 'string' ? value : stringify(value);
  writeFileSync(join(folder, `${name}.yaml`), text);
}

const access = (choice = {}, env: Readonly<Record<string, string>> = {}) =>
  readAccess(choice, { JUJU_DATA: folder, ...env });

async function fault(...args: Parameters<typeof access>): Promise<Fault> {
  const thrown = await access(...args).catch((cause) => cause);
  expect(thrown).toBeInstanceOf(FaultError);
  expect(JSON.stringify(thrown.fault)).not.toContain('planted');
  return thrown.fault;
}

describe("the client's files", () => {
  it('say which controller, account and model are the current ones', async () => {
    const found = await access();
    expect(found).toMatchObject({
      controller: 'one',
      endpoints: ['10.0.0.1:17070', '[fd00::1]:17070'],
      ca: 'PEM\n',
      account: { user: 'admin' },
      model: 'admin/prod',
    });
    expect(found.account.password.reveal()).toBe('planted-secret');
    expect(JSON.stringify(found)).not.toContain('planted');
  });

  it('are found in the home folder, too', async () => {
    const thrown = await readAccess({}, { HOME: '/nowhere' }).catch((cause) => cause);
    expect(thrown.fault.message).toContain('/nowhere/.local/share/juju/controllers.yaml');
  });

  it.each([
    [{ model: 'test' }, {}, 'one', 'test'],
    [{}, { JUJU_MODEL: 'test' }, 'one', 'test'],
    [{}, { JUJU_MODEL: 'one:bob/test' }, 'one', 'bob/test'],
    [{ controller: 'one' }, { JUJU_CONTROLLER: 'two' }, 'one', 'admin/prod'],
  ])('give way to %j and %j', async (choice, env, controller, model) => {
    expect(await access(choice, env as Record<string, string>)).toMatchObject({
      controller,
      model,
    });
  });

  it.each([
    ['an unknown controller', { controller: 'three' }, 'no three in one, two'],
    ['an account without a password', { controller: 'two' }, 'no password of bob@external'],
    ['a controller by a name of JavaScript', { controller: '__proto__' }, 'no __proto__'],
  ])('with %s end in a fault', async (_what, choice, said) => {
    expect(await fault(choice)).toMatchObject({
      code: 'JUJU_BAD_CONFIG',
      message: expect.stringContaining(said),
    });
  });

  it.each([
    ['accounts', 'controllers: {one: {user: planted, password: [planted-secret]}}'],
    ['accounts', 'planted-secret: ['],
    ['controllers', 'controllers: {one: {api-endpoints: ["planted secret"]}}'],
    ['controllers', '[]'],
    ['models', 'controllers: 7'],
  ])('%s.yaml as %s ends in a fault without its text', async (name, text) => {
    if (name === 'controllers') write(name, text.replace('planted ', ''));
    else write(name, text);
    expect(await fault({ controller: 'one' })).toMatchObject({ code: 'JUJU_BAD_CONFIG' });
  });
});
