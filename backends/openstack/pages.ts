import type { Service } from './catalog.ts';
import { isObject, openstackFault } from './faults.ts';
import type { OpenstackSession } from './session.ts';

/** Nobody has so many pages: a server that goes on and on is stopped. */
const PAGES_MAX = 10_000;

/**
 * All items of a collection, over as many pages as it has. Every service says in its own way where
 * the next page is: `servers_links`, `volumes_links`, `ports_links` (a link with rel=next), glance's
 * `next`, keystone's `links.next`.
 */
export async function allPages(
  session: OpenstackSession,
  service: Service,
  path: string,
  collection: string,
  query: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  let wanted: Readonly<Record<string, string>> | undefined = query;
  for (let page = 0; wanted !== undefined; page++) {
    const key = JSON.stringify(wanted);
    if (page >= PAGES_MAX || seen.has(key)) {
      const what = `GET ${path}: page ${page} leads back to an earlier one, or there is no end`;
      throw openstackFault('OPENSTACK_MALFORMED', what, { effect: 'none' });
    }
    seen.add(key);
    const answer: Record<string, unknown> = await session.get(service, path, wanted, signal);
    const found = answer[collection];
    if (!Array.isArray(found)) {
      const what = `GET ${path}: there is no list "${collection}" in it`;
      throw openstackFault('OPENSTACK_MALFORMED', what, { effect: 'none' });
    }
    items.push(...found.filter(isObject));
    wanted = nextPage(answer, collection, query);
  }
  return items;
}

/** The query of the next page: that of its link, whose address may be one of a proxy. */
function nextPage(
  answer: Record<string, unknown>,
  collection: string,
  query: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const link = nextLink(answer, collection);
  if (link === undefined) return undefined;
  const at = link.indexOf('?');
  if (at < 0) return undefined;
  return { ...query, ...Object.fromEntries(new URLSearchParams(link.slice(at + 1))) };
}

function nextLink(answer: Record<string, unknown>, collection: string): string | undefined {
  if (typeof answer['next'] === 'string') return answer['next'];
  const { links } = answer;
  if (isObject(links) && typeof links['next'] === 'string') return links['next'];
  const listed = answer[`${collection}_links`];
  if (!Array.isArray(listed)) return undefined;
  const next = listed.filter(isObject).find(({ rel }) => rel === 'next');
  return typeof next?.['href'] === 'string' ? next['href'] : undefined;
}
