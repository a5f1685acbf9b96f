/**
 * What libvirt keeps the definition of, apart from its being in use: storage pools and virtual
 * networks. Both are defined and undefined in the same way, and report it by the same events.
 */
import { request, type StateConfig, type TransitionConfig } from '../kind.ts';

export interface Definable {
  /** Beginning of the names of libvirt's calls, such as `virNetwork`. */
  readonly api: string;
  /** The state in which it is in use. */
  readonly inUse: string;
  /** Where it goes when its host does not answer. */
  readonly lost: TransitionConfig;
}

/** Events that libvirt reports, whoever was the cause. */
export interface Reports {
  readonly started: TransitionConfig;
  readonly stopped: TransitionConfig;
  readonly undefined: TransitionConfig;
}

export function reportsOf({ inUse }: Definable): Reports {
  return {
    started: { target: inUse, description: 'libvirt reports STARTED' },
    stopped: { target: 'inactive', description: 'libvirt reports STOPPED' },
    undefined: { target: 'absent', description: 'libvirt reports UNDEFINED' },
  };
}

const DEFINED: TransitionConfig = { target: 'inactive', description: 'libvirt reports DEFINED' };

/** The states before there is a definition, and after. */
export function definitionStates(of: Definable) {
  const reports = reportsOf(of);
  return {
    absent: {
      description: 'Not known to libvirt.',
      tags: ['stable'],
      on: {
        define: { target: 'defining', description: `${of.api}DefineXML is called` },
        defined: DEFINED,
        started: reports.started,
      },
    },
    defining: {
      description: 'libvirt stores the definition.',
      tags: ['transient'],
      entry: request('define'),
      on: {
        done: { target: 'inactive', description: 'the definition is stored' },
        fault: { target: 'absent', description: 'libvirt rejects the definition' },
        defined: DEFINED,
        started: reports.started,
        undefined: reports.undefined,
        lost: { target: 'absent', description: 'the host is lost before it was stored' },
      },
    },
    undefining: {
      description: 'libvirt removes the definition.',
      tags: ['transient'],
      entry: request('undefine'),
      on: {
        done: { target: 'absent', description: 'removed' },
        fault: { target: 'inactive', description: 'refused' },
        ...reports,
        lost: of.lost,
      },
    },
  } satisfies Record<string, StateConfig>;
}
