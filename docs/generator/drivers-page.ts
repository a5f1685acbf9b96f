/** Every driver: what it drives and the options that a scenario's section `live` may give it. */
import { z } from 'zod';
import { DRIVERS } from '../../backends/catalogue.ts';
import type { DriverSpec } from '../../backends/driver-spec.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `A driver carries the verbs of a layer out on a real system. A scenario names the systems it is
applied to in its section \`live\`, by driver; \`strata apply\`, \`doctor\` and \`import\` also take them
on the command line, as \`NAME\` or \`NAME:OPTION=VALUE,OPTION=VALUE\`.

Options say where a system is. What is left out comes from where the system's own tools find it. No
option holds a secret: secrets come from those files or from the environment.`;

export async function driversPage(): Promise<string> {
  const specs = await Promise.all(Object.values(DRIVERS).map((load) => load()));
  return page(
    'Drivers',
    INTRODUCTION,
    table(
      ['driver', 'layer', 'drives'],
      specs.map(({ name, layer, describes }) => [`[${name}](#${name})`, layer, describes]),
    ),
    ...specs.map((spec) => `## ${spec.name}\n\n${optionTable(spec)}`),
  );
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
