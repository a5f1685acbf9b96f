/** The facades that are served, and their versions by release. */
import { applicationFacade } from './application-facade.ts';
import type { Facade } from './facade.ts';
import {
  actionFacade,
  allWatcherFacade,
  annotationsFacade,
  charmsFacade,
  clientFacade,
  machineManagerFacade,
  modelConfigFacade,
  pingerFacade,
} from './model-facades.ts';
import { modelManagerFacade } from './model-manager-facade.ts';

export const FACADES: Readonly<Record<string, Facade>> = {
  Action: actionFacade,
  AllWatcher: allWatcherFacade,
  Annotations: annotationsFacade,
  Application: applicationFacade,
  Charms: charmsFacade,
  Client: clientFacade,
  MachineManager: machineManagerFacade,
  ModelConfig: modelConfigFacade,
  ModelManager: modelManagerFacade,
  Pinger: pingerFacade,
};

/** By facade: those of the release whose schema jujulib was made from, and some older ones. */
const VERSIONS: Readonly<Record<'3' | '4', Readonly<Record<string, readonly number[]>>>> = {
  '3': {
    Action: [7],
    AllWatcher: [3],
    Annotations: [2],
    Application: [19],
    Charms: [6, 7],
    Client: [6, 7],
    MachineManager: [10],
    ModelConfig: [3],
    ModelManager: [9, 10],
    Pinger: [1],
  },
  '4': {
    Action: [7],
    AllWatcher: [],
    Annotations: [2],
    Application: [22],
    Charms: [7],
    Client: [8],
    MachineManager: [11],
    ModelConfig: [4],
    ModelManager: [11],
    Pinger: [1],
  },
};

export function versionsOf(facade: string, release: string): readonly number[] {
  return VERSIONS[release.startsWith('4.') ? '4' : '3'][facade] ?? [];
}
