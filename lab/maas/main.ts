/** `node main.js CONFIG`: serves MAAS' side of the contract until it is ended. */
import { readFileSync } from 'node:fs';
import { writeJson } from '../folder.ts';
import type { RegionTimes } from './hardware.ts';
import type { Account } from './oauth-check.ts';
import { MaasServer } from './server.ts';

export interface MaasServerConfig {
  readonly accounts: readonly Account[];
  readonly times: RegionTimes;
  /** Where the URL is written when it listens. */
  readonly endpoint: string;
}

const config = JSON.parse(readFileSync(process.argv[2], 'utf8')) as MaasServerConfig;
const server = new MaasServer({ accounts: config.accounts, times: config.times });
writeJson(config.endpoint, { url: (await server.listen()).href });
