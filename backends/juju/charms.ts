/** Charms from Charmhub and packed ones from here, as the API wants to hear of them. */
import type { CharmOrigin } from '@canonical/jujulib/dist/api/facades/application/ApplicationV22.js';
import { z } from 'zod';
import { type ActContext, acting, callOf } from './act.ts';
import { type LocalCharm, readCharm } from './charm-archive.ts';
import { jujuFault, refusal } from './faults.ts';
import type { Params } from './params.ts';
import { errorOf } from './results.ts';
import { read } from './shape.ts';

/** A charm that the model has. */
export interface KnownCharm {
  readonly url: string;
  readonly origin: CharmOrigin;
}

/** Whether a charm is a file here rather than a name of Charmhub. */
export function isLocalCharm(charm: string): boolean {
  return /^\.{0,2}\//.test(charm) || charm.endsWith('.charm');
}

/** `mysql` of `local:mysql-3`, `ch:amd64/jammy/mysql-8` and `ch:mysql`. */
export function charmName(url: string): string {
  const last = url.slice(Math.max(url.lastIndexOf('/'), url.indexOf(':')) + 1);
  return last.replace(/-\d+$/, '');
}

export function isLocalUrl(url: string): boolean {
  return url.startsWith('local:');
}

/** `ubuntu@22.04`, as the API has it. */
export function baseOf(text: string): { readonly name: string; readonly channel: string } {
  const at = text.indexOf('@');
  const channel = text.slice(at + 1);
  return {
    name: text.slice(0, at),
    channel: channel.includes('/') ? channel : `${channel}/stable`,
  };
}

/** Puts a packed charm into the model. */
export async function addLocalCharm(
  context: ActContext,
  path: string,
  base: string | undefined,
): Promise<KnownCharm> {
  const charm = await readCharm(path);
  const { architecture, hash, name } = charm;
  const found = originBase(charm, base);
  const url = await context.controller.uploadCharm(path, name, hash, callOf(context));
  const revision = Number(/-(\d+)$/.exec(url)?.[1] ?? 0);
  const origin = { source: 'local', type: 'charm', id: '', revision, architecture, base: found };
  return { url, origin };
}

function originBase(charm: LocalCharm, wanted: string | undefined) {
  if (wanted !== undefined) return baseOf(wanted);
  if (!charm.base) {
    throw jujuFault('JUJU_BAD_CHARM', `${charm.path} does not say its base: name one`);
  }
  return baseOf(`${charm.base.name}@${charm.base.channel}`);
}

/** Its other fields are handed back as they came. */
const originShape = z.looseObject({ source: z.string(), type: z.string(), id: z.string() });
const errorShape = z.object({ message: z.string(), code: z.string().nullish() }).nullish();

const urlOriginShape = z.object({
  url: z.string(),
  'charm-origin': originShape,
  error: errorShape,
});
const resolvedShape = z.object({
  Results: z
    .array(
      z.object({
        url: z.string().nullish(),
        'charm-origin': originShape.nullish(),
        error: errorShape,
      }),
    )
    .min(1),
});
const addedShape = z.object({ 'charm-origin': originShape.nullish(), error: errorShape });

/** Finds what an application of a charm of Charmhub is to be refreshed to, and has it fetched. */
export async function addHubCharm(
  context: ActContext,
  application: string,
  { channel, charm, force, revision }: Params<'application', 'upgrade'>,
): Promise<KnownCharm> {
  const about = context.entity;
  const facade = await acting(context, 'Application');
  const current = read(
    urlOriginShape,
    await facade.getCharmURLOrigin({ application, branch: 'master' }),
    'the charm of the application',
  );
  if (current.error)
    throw refusal(errorOf({ ...current.error, code: current.error.code ?? '' }), about);
  const origin: CharmOrigin = {
    ...current['charm-origin'],
    ...(channel !== undefined && channelOf(channel)),
    revision: revision ?? undefined,
    hash: '',
  };
  const charms = await acting(context, 'Charms');
  const reference = charm ?? `ch:${charmName(current.url)}`;
  const asked = { resolve: [{ reference, 'charm-origin': origin }] };
  const answer = read(resolvedShape, await charms.resolveCharms(asked), 'the charm');
  const [found] = answer.Results;
  if (found.error) throw refusal(errorOf({ ...found.error, code: found.error.code ?? '' }), about);
  const url = found.url ?? '';
  if (url === current.url) return { url, origin: current['charm-origin'] };
  const add = { url, 'charm-origin': found['charm-origin'] ?? origin, force };
  const added = read(addedShape, await charms.addCharm(add), 'the charm');
  if (added.error) throw refusal(errorOf({ ...added.error, code: added.error.code ?? '' }), about);
  return { url, origin: added['charm-origin'] ?? add['charm-origin'] };
}

const RISKS = ['stable', 'candidate', 'beta', 'edge'];

/** `8/stable`, `edge`, `8/edge/fix`: track, risk and branch (Charmhub's channels). */
export function channelOf(channel: string): Pick<CharmOrigin, 'track' | 'risk' | 'branch'> {
  const parts = channel.split('/');
  const track = RISKS.includes(parts[0]) ? undefined : parts.shift();
  const [risk = 'stable', branch] = parts;
  return { risk, ...(track !== undefined && { track }), ...(branch !== undefined && { branch }) };
}
