/** What operations may tell the systems that a command drives, as the drivers' tables say it. */
import { z } from 'zod';
import { DRIVERS } from '../../backends/catalogue.ts';
import type { DriverSpec } from '../../backends/driver-spec.ts';
import { furtherVerbsOf } from '../../model/driver-verbs.ts';
import { KINDS } from '../../model/index.ts';
import type { LiveSystem, Operation } from '../../model/scenario.ts';
import type { AskDrivers, ParamsOf } from '../../scenarios/index.ts';
import { chosenSystems } from './systems.ts';

/**
 * The drivers of the systems of a scenario, and of those named on the command line. Nothing is opened.
 * Throws LIVE_UNKNOWN_DRIVER or LIVE_BAD_OPTION.
 */
export function askDrivers(named: readonly string[]): AskDrivers {
  return async (live) => paramsOf(await specsOf(chosenSystems(live, named)));
}

function specsOf(systems: readonly LiveSystem[]): Promise<readonly DriverSpec[]> {
  const names = new Set(systems.map(({ driver }) => driver));
  return Promise.all([...names].map((name) => DRIVERS[name]()));
}

function paramsOf(specs: readonly DriverSpec[]): ParamsOf {
  return (operation) => {
    const { entity, do: wanted, until } = operation;
    const kind = KINDS.find((each) => each.kind === entity.split('/')[0]);
    if (kind === undefined) return undefined;
    const ofLayer = specs.filter(({ layer }) => layer === kind.layer);
    if (until !== undefined) return ofRequests(operation, kind.kind, ofLayer);
    // As in a run: the first that has the verb carries it out.
    const spec = ofLayer.find(
      ({ name, params }) =>
        furtherVerbsOf(name, kind.kind).includes(wanted) || params[kind.kind]?.[wanted],
    );
    return spec && (spec.params[kind.kind]?.[wanted] ?? z.object({})).strict();
  };
}

/**
 * An event of a machine may make it request several verbs, which are all told the same: what any of them
 * takes may be there. What the verb that is called as the event needs must be there; of others that turns
 * out when they are asked for. Undefined where no driver has the layer.
 */
function ofRequests(
  { do: event, with: given = {} }: Operation,
  kind: string,
  specs: readonly DriverSpec[],
): z.ZodObject | undefined {
  if (specs.length === 0) return undefined;
  // The section `domains` says of a new domain what an operation does not.
  const isSaidElsewhere = kind === 'domain' && event === 'define';
  const own = isSaidElsewhere ? undefined : specs.find(({ params }) => params[kind]?.[event]);
  const requested = specs.flatMap(({ name, params }) => {
    const further = furtherVerbsOf(name, kind);
    const verbs = Object.entries(params[kind] ?? {});
    return verbs.filter(([verb]) => !further.includes(verb)).map(([, schema]) => schema.shape);
  });
  const names = new Set(requested.flatMap((shape) => Object.keys(shape)));
  const fields = [...names].map((name) => {
    const all = requested.flatMap((shape) => (shape[name] as z.ZodType | undefined) ?? []);
    // Where several verbs take it, it is enough that one of them takes this value.
    const best = all.find((each) => each.safeParse(given[name]).success) ?? all[0];
    return [name, best.optional()] as const;
  });
  const needed = own?.params[kind][event].shape;
  return z.strictObject({ ...Object.fromEntries(fields), ...needed });
}
