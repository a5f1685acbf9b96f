/** An error of the API, with Juju's own code for it (rpc/params/apierror). */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function notFound(what: string): Refusal {
  return new Refusal('not found', `${what} not found`);
}

/** One result of a bulk call: what `work` gives, or its refusal. */
export function result<T extends object>(work: () => T): T | { error: object } {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { error: { code: thrown.code, message: thrown.message } };
  }
}
