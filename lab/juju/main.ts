/** `node main.js CONFIG`: serves Juju's side of the API until it is ended. */
import { readFileSync } from 'node:fs';
import { writeJson } from '../folder.ts';
import type { Account } from './account.ts';
import type { AgentTimes } from './agents.ts';
import { JujuServer } from './server.ts';

export interface JujuServerConfig {
  readonly certificate_file: string;
  readonly key_file: string;
  readonly accounts: readonly Account[];
  readonly times: AgentTimes;
  /** Name and owner of a model that is there from the start. */
  readonly model: { readonly name: string; readonly owner: string };
  /** Where `HOST:PORT` and the model's UUID are written when it listens. */
  readonly endpoint: string;
}

const config = JSON.parse(readFileSync(process.argv[2], 'utf8')) as JujuServerConfig;
const server = new JujuServer({
  certificate: readFileSync(config.certificate_file, 'utf8'),
  key: readFileSync(config.key_file, 'utf8'),
  ...{ accounts: config.accounts, times: config.times },
});
const model = server.world.addModel(config.model.name, config.model.owner);
writeJson(config.endpoint, { address: await server.listen(), model: model.uuid });
