/**
 * The facades of Juju's API that are used, as jujulib has them: one class for each version, made
 * from the schema of the release that brought it.
 */
import ActionV7 from '@canonical/jujulib/dist/api/facades/action/ActionV7.js';
import AllWatcherV1 from '@canonical/jujulib/dist/api/facades/all-watcher/AllWatcherV1.js';
import AllWatcherV2 from '@canonical/jujulib/dist/api/facades/all-watcher/AllWatcherV2.js';
import AllWatcherV3 from '@canonical/jujulib/dist/api/facades/all-watcher/AllWatcherV3.js';
import AnnotationsV2 from '@canonical/jujulib/dist/api/facades/annotations/AnnotationsV2.js';
import ApplicationV19 from '@canonical/jujulib/dist/api/facades/application/ApplicationV19.js';
import ApplicationV22 from '@canonical/jujulib/dist/api/facades/application/ApplicationV22.js';
import CharmsV6 from '@canonical/jujulib/dist/api/facades/charms/CharmsV6.js';
import CharmsV7 from '@canonical/jujulib/dist/api/facades/charms/CharmsV7.js';
import ClientV6 from '@canonical/jujulib/dist/api/facades/client/ClientV6.js';
import ClientV7 from '@canonical/jujulib/dist/api/facades/client/ClientV7.js';
import ClientV8 from '@canonical/jujulib/dist/api/facades/client/ClientV8.js';
import MachineManagerV9 from '@canonical/jujulib/dist/api/facades/machine-manager/MachineManagerV9.js';
import MachineManagerV10 from '@canonical/jujulib/dist/api/facades/machine-manager/MachineManagerV10.js';
import MachineManagerV11 from '@canonical/jujulib/dist/api/facades/machine-manager/MachineManagerV11.js';
import ModelConfigV3 from '@canonical/jujulib/dist/api/facades/model-config/ModelConfigV3.js';
import ModelConfigV4 from '@canonical/jujulib/dist/api/facades/model-config/ModelConfigV4.js';
import ModelManagerV9 from '@canonical/jujulib/dist/api/facades/model-manager/ModelManagerV9.js';
import ModelManagerV10 from '@canonical/jujulib/dist/api/facades/model-manager/ModelManagerV10.js';
import ModelManagerV11 from '@canonical/jujulib/dist/api/facades/model-manager/ModelManagerV11.js';
import PingerV1 from '@canonical/jujulib/dist/api/facades/pinger/PingerV1.js';
import { jujuFault } from './faults.ts';
import type { RpcTransport } from './rpc.ts';

/** Oldest first. Their methods that are used here have the same names and parameters. */
const VERSIONS = {
  Action: [ActionV7],
  AllWatcher: [AllWatcherV1, AllWatcherV2, AllWatcherV3],
  Annotations: [AnnotationsV2],
  Application: [ApplicationV19, ApplicationV22],
  Charms: [CharmsV6, CharmsV7],
  Client: [ClientV6, ClientV7, ClientV8],
  MachineManager: [MachineManagerV9, MachineManagerV10, MachineManagerV11],
  ModelConfig: [ModelConfigV3, ModelConfigV4],
  ModelManager: [ModelManagerV9, ModelManagerV10, ModelManagerV11],
  Pinger: [PingerV1],
} as const;

export interface Facades {
  Action: ActionV7;
  AllWatcher: AllWatcherV3;
  Annotations: AnnotationsV2;
  Application: ApplicationV22;
  Charms: CharmsV7;
  Client: ClientV8;
  MachineManager: MachineManagerV11;
  ModelConfig: ModelConfigV4;
  ModelManager: ModelManagerV11;
  Pinger: PingerV1;
}

export type FacadeName = keyof Facades;

/** The versions that a controller serves, by facade. */
export type ServedFacades = ReadonlyMap<string, readonly number[]>;

interface FacadeClass {
  readonly VERSION: number;
  new (transport: never, info: never): unknown;
}

/** The newest version that both sides have; undefined when there is none. */
export function facadeClass(name: FacadeName, served: ServedFacades): FacadeClass | undefined {
  const theirs = served.get(name) ?? [];
  const ours: readonly FacadeClass[] = VERSIONS[name];
  return ours.findLast(({ VERSION }) => theirs.includes(VERSION));
}

/** A facade whose calls go by `transport`. Throws JUJU_UNSUPPORTED. */
export function facadeOf<N extends FacadeName>(
  name: N,
  served: ServedFacades,
  transport: RpcTransport,
): Facades[N] {
  const Found = facadeClass(name, served);
  if (Found) return new Found(transport as never, {} as never) as Facades[N];
  const ours = VERSIONS[name].map(({ VERSION }) => VERSION).join(', ');
  const theirs = served.get(name)?.join(', ') ?? 'none';
  throw jujuFault('JUJU_UNSUPPORTED', `facade ${name}: it serves ${theirs}, known are ${ours}`);
}
