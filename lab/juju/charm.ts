/** A charm as a model keeps it: what its archive says. */
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { CharmArchive } from '../../backends/juju/charm-archive.ts';
import { Refusal } from './refusal.ts';

export interface CharmEndpoint {
  readonly name: string;
  readonly role: 'provider' | 'requirer' | 'peer';
  readonly interface: string;
}

export interface Charm {
  readonly name: string;
  readonly endpoints: readonly CharmEndpoint[];
  readonly actions: readonly string[];
  /** Defaults of its settings. */
  readonly config: Readonly<Record<string, string>>;
  readonly sha256: string;
}

interface Metadata {
  readonly name: string;
  readonly provides?: Interfaces;
  readonly requires?: Interfaces;
  readonly peers?: Interfaces;
}

type Interfaces = Readonly<Record<string, { readonly interface: string }>>;

interface Config {
  readonly options?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** Reads an archive; throws `bad request` as the API does for what is none. */
export async function charmOf(data: Buffer): Promise<Charm> {
  try {
    const archive = new CharmArchive(data);
    const metadata = parse((await archive.text('metadata.yaml')) ?? '') as Metadata;
    const actions = parse((await archive.text('actions.yaml')) ?? '{}') as object;
    const config = parse((await archive.text('config.yaml')) ?? '{}') as Config;
    return {
      name: metadata.name,
      endpoints: endpointsOf(metadata),
      actions: Object.keys(actions),
      config: Object.fromEntries(
        Object.entries(config.options ?? {}).map(([name, option]) => [
          name,
          String(option.default ?? ''),
        ]),
      ),
      sha256: createHash('sha256').update(data).digest('hex'),
    };
  } catch {
    throw new Refusal('bad request', 'cannot open charm archive: zip: not a valid zip file');
  }
}

function endpointsOf({ peers = {}, provides = {}, requires = {} }: Metadata) {
  const of = (interfaces: Interfaces, role: CharmEndpoint['role']) =>
    Object.entries(interfaces).map(([name, each]) => ({ name, role, interface: each.interface }));
  return [...of(provides, 'provider'), ...of(requires, 'requirer'), ...of(peers, 'peer')];
}
