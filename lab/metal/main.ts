/** `node main.js CONFIG`: the service that the lab's machines boot by, until it is ended. */
import { readFileSync } from 'node:fs';
import { MetalService, type ServiceConfig } from './service.ts';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8')) as ServiceConfig;
await new MetalService(config).listen();
