/** Constraints and placements as the juju client reads them (juju/core/constraints, instance). */
import { jujuFault } from './faults.ts';

/** `constraints.Value` of the API. */
export type Constraints = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const MIB: Readonly<Record<string, number>> = { M: 1, G: 1024, T: 1024 ** 2, P: 1024 ** 3 };

const text = (value: string) => value;
const list = (value: string) => value.split(',').filter((each) => each !== '');

function whole(value: string): number | undefined {
  return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** In MiB; M without a letter, fractions rounded up, as Juju does. */
function size(value: string): number | undefined {
  const [, amount, unit = 'M'] = /^(\d{1,9}(?:\.\d{1,9})?)([MGTP])?$/.exec(value) ?? [];
  return amount === undefined ? undefined : Math.ceil(Number(amount) * MIB[unit]);
}

function truth(value: string): boolean | undefined {
  return value === 'true' || value === 'false' ? value === 'true' : undefined;
}

const READERS: Readonly<Record<string, (value: string) => Constraints[string] | undefined>> = {
  'allocate-public-ip': truth,
  arch: text,
  container: text,
  cores: whole,
  'cpu-cores': whole,
  'cpu-power': whole,
  'image-id': text,
  'instance-role': text,
  'instance-type': text,
  mem: size,
  'root-disk': size,
  'root-disk-source': text,
  spaces: list,
  tags: list,
  'virt-type': text,
  zones: list,
};

/** `cores=2 mem=4G zones=a,b`. Throws JUJU_BAD_PARAMS. */
export function parseConstraints(line = ''): Constraints {
  const found = line.split(/\s+/).filter((each) => each !== '');
  return Object.fromEntries(
    found.map((each) => {
      const equals = each.indexOf('=');
      const name = each.slice(0, Math.max(equals, 0));
      const value = Object.hasOwn(READERS, name) && READERS[name](each.slice(equals + 1));
      if (value === undefined || value === false) {
        if (value === false && name === 'allocate-public-ip') return [name, value];
        throw jujuFault('JUJU_BAD_PARAMS', `constraint ${JSON.stringify(each)} is not understood`);
      }
      return [name === 'cpu-cores' ? 'cores' : name, value];
    }),
  );
}

export interface Placement {
  readonly scope: string;
  readonly directive: string;
}

const CONTAINERS = ['lxd'];

/** `0` and `0/lxd/1` are machines, `lxd:0` a new container on one, all else the cloud's own words. */
export function parsePlacement(to: string, model: string): Placement {
  if (MACHINE_ID.test(to)) return { scope: '#', directive: to };
  const colon = to.indexOf(':');
  const scope = colon < 0 ? to : to.slice(0, colon);
  if (CONTAINERS.includes(scope)) return { scope, directive: colon < 0 ? '' : to.slice(colon + 1) };
  return { scope: model, directive: to };
}

export const MACHINE_ID = /^\d+(\/[a-z]+\/\d+)*$/;
