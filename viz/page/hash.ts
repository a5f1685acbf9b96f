/** The page's address: `#t=12.5&e=server/web-1` opens it at an instant with an entity chosen. */

export interface Place {
  readonly time_s?: number;
  /** `kind/name`. */
  readonly entity?: string;
}

/** Reads a location hash; what is missing or makes no sense is left out. */
export function readHash(hash: string): Place {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const t = params.get('t');
  const time_s = t === null || t.trim() === '' ? Number.NaN : Number(t);
  const entity = params.get('e');
  return {
    ...(Number.isFinite(time_s) && time_s >= 0 ? { time_s } : {}),
    ...(entity ? { entity } : {}),
  };
}

/** Writes a hash that `readHash` reads back to the same place. */
export function writeHash(place: Place): string {
  const parts: string[] = [];
  if (place.time_s !== undefined) parts.push(`t=${place.time_s}`);
  if (place.entity) parts.push(`e=${encodeURIComponent(place.entity).replaceAll('%2F', '/')}`);
  return `#${parts.join('&')}`;
}
