import type { Account } from './oauth-check.ts';
import type { Region } from './region.ts';
import type { Site } from './site.ts';

/** One request, its way found. */
export interface Call {
  readonly region: Region;
  readonly site: Site;
  readonly account: Account;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** What the path says at each `*`. */
  readonly names: readonly string[];
}

/** What MAAS' StringBool takes for yes. */
export function isTrue(form: URLSearchParams, name: string): boolean {
  return /^(true|t|yes|y|on|1)$/i.test(form.get(name) ?? '');
}
