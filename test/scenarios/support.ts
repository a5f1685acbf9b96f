/** Scenarios from texts in memory. */
import type { Scenario } from '../../model/scenario.ts';
import {
  formatProblems,
  type LoadOptions,
  type LoadResult,
  loadScenario,
  type Problem,
} from '../../scenarios/index.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Loads `main.yaml` of the files given; other paths do not exist. */
export function load(files: Files, options: LoadOptions = {}): Promise<LoadResult> {
  const readFile = (path: string) => {
    if (!Object.hasOwn(files, path)) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return files[path];
  };
  return loadScenario('main.yaml', { readFile, ...options });
}

/** The problems of a result, whether it is a scenario or not. */
export const problemsOf = (result: LoadResult): readonly Problem[] =>
  'problems' in result ? result.problems : result.warnings;

/** The scenario of a result that must be one. */
export function scenarioOf(result: LoadResult): Scenario {
  if ('problems' in result) throw new Error(`\n${formatProblems(result.problems)}`);
  return result.scenario;
}

/** A problem on one line: `LINE:COLUMN CODE path`. */
export const brief = (p: Problem): string => `${p.line}:${p.column} ${p.code} ${p.path}`;

/** A reference to a parameter. */
export const bare = (name: string): string => `\${${name}}`;

/** The same, quoted as YAML wants it in flow mappings. */
export const reference = (name: string): string => `'${bare(name)}'`;

/** A whole scenario to start from; sections are replaced by those given. */
export function yaml(sections: Readonly<Record<string, string>> = {}): string {
  const all = { ...BASE, ...sections };
  return Object.entries(all)
    .map(([key, text]) => (text.startsWith('\n') ? `${key}:${text}` : `${key}: ${text}`))
    .join('\n');
}

const BASE = {
  version: '1',
  name: 'test',
  site: `
  flavors:
    compute: { cores: 16, memory: 128GiB }
    storage:
      cores: 8
      memory: 64GiB
      disks: [{ class: hdd, size: 4TB, count: 4, use: data }]
  racks:
    - { name: r, count: 3, machines: { compute: 4, storage: 3 } }`,
};

/** A stack with every part, on the machines above. */
export const STACK = `
  hypervisor: { on: [compute] }
  ovn: { chassis: [compute] }
  ceph:
    mons: { on: [storage], count: 3 }
    mgrs: { on: [storage] }
    osds: { on: [storage] }
    rules: { by-rack: { failure_domain: rack } }
    pools: { volumes: { application: rbd, pg_num: 64, rule: by-rack } }
  openstack:
    control: [compute]
    compute: [compute]
    volume_pool: volumes
    flavors: { small: { vcpus: 2, ram: 4GiB } }
    images: { ubuntu: { size: 2GiB } }
    networks: { lan: { cidr: 10.0.0.0/16 } }
    projects: { demo: { servers: 100, vcpus: 400, ram: 1TiB, volumes: 100 } }
  kubernetes:
    prod:
      nodes:
        { type: servers, project: demo, flavor: small, image: ubuntu, network: lan, count: 3 }
      deployments: { web: { image: nginx, replicas: 4 } }`;
