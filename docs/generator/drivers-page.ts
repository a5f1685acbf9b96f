/** Every driver: what it drives and the options that a scenario's section `live` may give it. */
import type { z } from 'zod';
import type { ActOrder } from '../../backends/act-order.ts';
import { DRIVERS } from '../../backends/catalogue.ts';
import type { DriverSpec } from '../../backends/driver-spec.ts';
import type { KindParams } from '../../backends/verb-params.ts';
import { furtherVerbs } from '../../model/driver-verbs.ts';
import { DRIVER_NAMES } from '../../model/drivers.ts';
import { KINDS } from '../../model/index.ts';
import { fieldsOf } from './fields.ts';
import { code, codes, page, table } from './markdown.ts';
import { ordersByKind, verbsByKind } from './opened-drivers.ts';

const INTRODUCTION = `A driver carries the verbs of a layer out on a real system. A scenario names the systems it is
applied to in its section \`live\`, by driver; \`strata apply\`, \`doctor\` and \`import\` also take them
on the command line, as \`NAME\` or \`NAME:OPTION=VALUE,OPTION=VALUE\`.

Options say where a system is. What is left out comes from where the system's own tools find it. No
option holds a secret: secrets come from those files or from the environment.

Verbs are what a driver can be asked to do to the entities of a kind. A machine asks for one when it
enters a state. An operation of a scenario gives its machine an event; where the machine would only
note it, such as a cordon, the verb of that name is asked for. Further verbs are those that no machine
has an event for: an operation names one in \`do\`, its parameters in \`with\`, and no \`until\`. So is
the verb that a machine begins with, such as \`create\`: it makes what is not there yet. The entity stays in its state, and the operation ends when the driver has carried the verb out; with
\`--json\`, \`apply\` shows the \`attributes\` that it saw then. Programs ask for any of them, by
\`request\` of the backend. What a driver does not have is answered with \`UNSUPPORTED_VERB\`, and
nothing is sent to the system.

"Takes" lists what an operation may tell a verb in \`with\`. What is not required may be left out;
"else" says what holds then. \`strata validate\`, \`run\`, \`doctor\` and \`apply\` check this before
anything is done. Whatever an event of a machine is told goes to every verb that the machine then asks
for; each takes its own.

Acts on one entity follow one another: each waits until the one before it has ended, and ends in
\`EARLIER_ACT_UNDER_WAY\` when its time is over before that. "Without waiting" lists the exceptions:
\`destroy\` after \`shutdown\` begins although the guest has not reacted to \`shutdown\` yet. It does wait
until \`shutdown\` was sent.`;

/** Kinds that drivers know and that no machine stands for: they have no life worth following. */
const FURTHER_KINDS = ['crush-rule', 'ceph-user', 'rgw-user'];
const ALL_KINDS = [...KINDS.map(({ kind }) => kind), ...FURTHER_KINDS];

export async function driversPage(): Promise<string> {
  const specs = await Promise.all(DRIVER_NAMES.map((name) => DRIVERS[name]()));
  return page(
    'Drivers',
    INTRODUCTION,
    table(
      ['driver', 'layer', 'drives'],
      specs.map(({ name, layer, describes }) => [`[${name}](#${name})`, layer, describes]),
    ),
    ...(await Promise.all(specs.map(section))),
  );
}

async function section(spec: DriverSpec): Promise<string> {
  const verbs = await verbsByKind(spec.name, ALL_KINDS);
  const orders = await ordersByKind(spec.name, ALL_KINDS);
  const rows = [...verbs].map(([kind, offered]) => {
    const further = offered.filter((verb) => furtherVerbs(kind).includes(verb));
    const others = offered.filter((verb) => !further.includes(verb));
    return [code(kind), codes(others), codes(further)];
  });
  const tables = [table(['kind', 'verbs', 'further verbs'], rows), ...paramTables(spec)];
  const exceptions = [...orders].flatMap(([kind, order]) => exceptionRows(kind, order));
  if (exceptions.length > 0) {
    tables.push(table(['kind', 'verb', 'without waiting for the end of'], exceptions));
  }
  return [`## ${spec.name}`, optionTable(spec), ...tables].join('\n\n');
}

/** Verbs that need not wait for the same ones share a row. */
function exceptionRows(kind: string, { interrupts = {}, waits = [] }: ActOrder): string[][] {
  const verbsBy = new Map<string, string[]>();
  for (const [verb, under] of Object.entries(interrupts)) {
    const text = under === 'all' ? 'any' : codes(under);
    if (text !== '') verbsBy.set(text, [...(verbsBy.get(text) ?? []), verb]);
  }
  const rows = [...verbsBy].map(([under, verbs]) => [code(kind), codes(verbs), under]);
  return waits.length > 0 ? [...rows, [code(kind), 'any', codes(waits)]] : rows;
}

function optionTable({ options }: DriverSpec): string {
  const rows = fieldsOf(options).map(({ name, type, need, meaning }) => [
    code(name),
    type,
    need,
    meaning,
  ]);
  return rows.length === 0 ? 'It has no options.' : table(['option', 'type', '', 'meaning'], rows);
}

/** What verbs take; those of a kind that take the same share their rows. */
function paramTables({ params }: DriverSpec): readonly string[] {
  const rows = Object.entries(params).flatMap(([kind, verbs]) =>
    [...verbsBySchema(verbs)].flatMap(([schema, names]) =>
      fieldsOf(schema).map(({ name, type, need, meaning }, i) => [
        i === 0 ? `${code(kind)} ${codes(names)}` : '',
        code(name),
        type,
        need,
        meaning,
      ]),
    ),
  );
  return rows.length === 0 ? [] : [table(['verb', 'takes', 'type', '', 'meaning'], rows)];
}

function verbsBySchema(verbs: KindParams): ReadonlyMap<z.ZodObject, readonly string[]> {
  const names = new Map<z.ZodObject, string[]>();
  for (const [verb, schema] of Object.entries(verbs)) {
    names.set(schema, [...(names.get(schema) ?? []), verb]);
  }
  return names;
}
