import { stringify } from 'yaml';
import { oneLine } from '../../backends/fault-table.ts';
import { StrataError } from '../../engine/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Imported, scenarioOf } from '../import/scenario-of.ts';
import { openSystems, parseSystem, withCodedErrors } from '../live/systems.ts';
import { note, print } from '../terminal.ts';

interface Options {
  readonly name: string;
}

/** `strata import`: prints a scenario of what real systems have. */
export async function command(names: readonly string[], options: Options): Promise<ExitCode> {
  const systems = names.map(parseSystem);
  const open = await openSystems(systems);
  try {
    const lists = await withCodedErrors(() => Promise.all(open.map(({ driver }) => driver.list())));
    const imported = scenarioOf(options.name, systems, lists.flat());
    if (!imported) {
      throw new StrataError(
        'IMPORT_NO_MACHINES',
        `${names.join(', ')}: nothing that is listed says which machines there are`,
        'import from MAAS, hosts by SSH, libvirt, Ceph, OpenStack or Kubernetes as well',
      );
    }
    for (const remark of imported.remarks) note(oneLine(remark));
    print(scenarioText(imported));
    return EXIT.ok;
  } finally {
    await Promise.all(open.map(({ driver }) => driver.close()));
  }
}

/** YAML; the same scenario gives the same text. Remarks name things as systems call them: anyhow. */
export function scenarioText({ scenario, remarks }: Imported): string {
  const head = ['Imported by `strata import` from what real systems have.', ...remarks];
  return `${head.map((line) => `# ${oneLine(line)}`).join('\n')}\n${stringify(scenario, { lineWidth: 100 })}`;
}
