/** Names of what a host has: `HOST/UNIT`, `HOST/PACKAGE` and `HOST/PATH`. */
import { sshFault } from './faults.ts';

/** systemd.unit(5) and deb-control(5) allow no more than this in names. */
const UNIT = /^[A-Za-z0-9:_.@\\-]{1,255}$/;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]{1,127}$/;

/** A unit of a host; `.service` where the name has no type. Throws `SSH_BAD_NAME`. */
export function unitOf(entity: string): { readonly host: string; readonly unit: string } {
  const { host, name } = pairOf(entity);
  if (!UNIT.test(name) || name.startsWith('-')) throw badName(entity, 'HOST/UNIT');
  return { host, unit: name.includes('.') ? name : `${name}.service` };
}

/** A package of a host. Throws `SSH_BAD_NAME`. */
export function packageOf(entity: string): { readonly host: string; readonly name: string } {
  const pair = pairOf(entity);
  if (!PACKAGE.test(pair.name)) throw badName(entity, 'HOST/PACKAGE');
  return pair;
}

/** A file of a host: `web-1/etc/motd` is `/etc/motd` of `web-1`. Throws `SSH_BAD_NAME`. */
export function fileOf(entity: string): { readonly host: string; readonly path: string } {
  const { host, name } = pairOf(entity);
  const isPlain = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain || name.includes('\0')) throw badName(entity, 'HOST/PATH');
  return { host, path: `/${name}` };
}

function pairOf(entity: string): { readonly host: string; readonly name: string } {
  const slash = entity.indexOf('/');
  if (slash < 1) throw badName(entity, 'HOST/NAME');
  return { host: entity.slice(0, slash), name: entity.slice(slash + 1) };
}

function badName(entity: string, form: string) {
  return sshFault('SSH_BAD_NAME', `"${entity}" is not of the form ${form}`);
}
