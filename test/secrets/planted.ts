/** What the test of secrets needs to know of a system: where it is, and what must never be seen. */

/**
 * How the system behaves. `refuses`: every answer is an error that repeats whatever was sent to it.
 * `serves`: it lets us in, repeats secrets in what it shows, and refuses only acts. `misread`: there
 * is no system; the file or variable that holds the secret is not what it should be.
 */
export type Manner = 'refuses' | 'serves' | 'misread';

export interface Planted {
  /** In all the forms in which the driver gets, makes or sends them. */
  readonly secrets: readonly string[];
  /** Of the scenario's section `live`. */
  readonly options?: Readonly<Record<string, string | number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether HEARD comes back by `doctor`, `import` or `apply`: what was said was looked at. */
  readonly isHeard: boolean;
  /** A step of `workload.operations`, which ends in a refusal. */
  readonly operation: Readonly<Record<string, unknown>>;
  close?(): Promise<void>;
}

/** Plants secrets for one driver. `folder` is for its files. */
export type Plant = (folder: string, manner: Manner) => Promise<Planted>;

/** Stands beside the secrets in whatever a system says, and is none itself. */
export const HEARD = 'heard-by-the-system';

/** With the characters that addresses, forms and JSON write in other ways. */
export const secretOf = (what: string): string => `planted/${what}+7Qz"x=`;

export const basicOf = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString('base64');

/** The secrets, with the mark that shows whether anybody listened. */
export const saying = (secrets: readonly string[]): string => `${HEARD}: ${secrets.join(' and ')}`;

/** A step that is given up soon; without `until`, a verb that leads to no state. */
export const step = (entity: string, verb: string, until?: string, given = {}) => ({
  ...{ entity, do: verb, until, within: '3s', with: given },
});
