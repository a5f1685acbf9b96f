import { Refusal } from './refusal.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly access: 'superuser' | 'login';
  /** On every model; a superuser is an admin of each. */
  readonly models: 'admin' | 'write' | 'read';
}

/** Throws `permission denied` for who may only read. */
export function needWrite({ models }: Account): void {
  if (models === 'read') throw new Refusal('unauthorized access', 'permission denied');
}
