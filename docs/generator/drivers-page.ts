/** Every driver: what it drives and the options that a scenario's section `live` may give it. */
import { z } from 'zod';
import { DRIVERS } from '../../backends/catalogue.ts';
import type { DriverSpec } from '../../backends/driver-spec.ts';
import { DRIVER_NAMES, type DriverName } from '../../model/drivers.ts';
import { KINDS } from '../../model/index.ts';
import { code, codes, page, table } from './markdown.ts';
import { verbsByKind } from './opened-drivers.ts';

const INTRODUCTION = `A driver carries the verbs of a layer out on a real system. A scenario names the systems it is
applied to in its section \`live\`, by driver; \`strata apply\`, \`doctor\` and \`import\` also take them
on the command line, as \`NAME\` or \`NAME:OPTION=VALUE,OPTION=VALUE\`.

Options say where a system is. What is left out comes from where the system's own tools find it. No
option holds a secret: secrets come from those files or from the environment.

Verbs are what a driver can be asked to do to the entities of a kind. A machine asks for one when it
enters a state. An operation of a scenario gives its machine an event; where the machine would only
note it, such as a cordon, the verb of that name is asked for. Programs ask for any of them, by
\`request\` of the backend. What a driver does not have is answered with \`unsupported\`, and nothing
is sent to the system.`;

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
  const verbs = await verbsByKind(spec.name as DriverName, ALL_KINDS);
  const rows = [...verbs].map(([kind, offered]) => [code(kind), codes(offered)]);
  return [`## ${spec.name}`, optionTable(spec), table(['kind', 'verbs'], rows)].join('\n\n');
}

interface OptionSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
}

function optionTable({ options }: DriverSpec): string {
  const schema = z.toJSONSchema(options, { io: 'input' });
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, OptionSchema>>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, option]) => [
    code(name),
    option.enum?.map(code).join(', ') ?? option.type ?? '',
    required.includes(name) ? 'required' : '',
    option.description ?? '',
  ]);
  return rows.length === 0 ? 'It has no options.' : table(['option', 'type', '', 'meaning'], rows);
}
