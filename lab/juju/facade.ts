/** A facade as the server has it: the versions it serves, and its methods. */
import type { Account } from './account.ts';
import type { AllWatcher } from './all-watcher.ts';
import type { ModelRecord } from './records.ts';
import type { World } from './world.ts';

export interface CallContext {
  readonly world: World;
  readonly account: Account;
  readonly version: string;
  /** Of the connection; calls of the controller's own facades have none. */
  readonly model: ModelRecord;
  /** The watchers of this connection. */
  readonly watchers: Map<string, AllWatcher>;
  /** Names a watcher. */
  readonly id: string;
}

// biome-ignore lint/suspicious/noExplicitAny: what clients send is read as the methods need it
export type Params = any;

export type Method = (context: CallContext, params: Params) => object | Promise<object>;

export interface Facade {
  readonly on: 'controller' | 'model';
  readonly methods: Readonly<Record<string, Method>>;
}
