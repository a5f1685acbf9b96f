import type { Fault } from '../engine/contract.ts';
import { FaultError } from './fault.ts';
import { withoutSecrets } from './secret.ts';

/** What a stable code stands for, whenever it comes. */
export interface FaultClass {
  readonly means: string;
  /** What the user can do; a sentence. */
  readonly advice: string;
  readonly effect: Fault['effect'];
  readonly retryable: boolean;
}

/** Nothing was done, and asking again alone does not help. */
export function refused(means: string, advice: string): FaultClass {
  return { means, advice, effect: 'none', retryable: false };
}

/** Nothing was done; it may work later. */
export function unavailable(means: string, advice: string): FaultClass {
  return { means, advice, effect: 'none', retryable: true };
}

/** The act may have happened; the connection or the answer was lost. */
export function broken(means: string, advice: string): FaultClass {
  return { means, advice, effect: 'unknown', retryable: true };
}

export interface FaultDetails {
  readonly effect?: Fault['effect'];
  /** The real system's own code, as it gave it. */
  readonly upstream?: string;
  readonly retryable?: boolean;
}

const MESSAGE_CHARACTERS_MAX = 2_000;

/** Makes the faults of one driver out of its table: `fault(code, 'pool volumes')`. */
export function faultsOf<Code extends string>(table: Readonly<Record<Code, FaultClass>>) {
  return (code: Code, what: string, details: FaultDetails = {}): FaultError => {
    const { means, advice, effect, retryable } = table[code];
    // Secrets go before the text is cut: what is left of one is no longer known as such.
    const message = oneLine(withoutSecrets(`${means}: ${what}`));
    const more = details.upstream === undefined ? {} : { upstream: upstreamOf(details.upstream) };
    return new FaultError({ code, message, advice, effect, retryable, ...details, ...more });
  };
}

/** One line without control characters, and of bounded length: the text may come from outside. */
export function oneLine(text: string): string {
  const bounded = wellFormed(text.slice(0, MESSAGE_CHARACTERS_MAX));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be taken out
  return bounded.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

const UPSTREAM_CHARACTERS_MAX = 200;

function upstreamOf(code: string): string {
  return oneLine(withoutSecrets(code)).slice(0, UPSTREAM_CHARACTERS_MAX);
}

/** Halves of characters, which a cut may leave, become the replacement character. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
