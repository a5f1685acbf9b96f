import Table from 'cli-table3';
import type { Diagnosis } from '../../backends/driver.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { noSystem } from '../live/run-live.ts';
import { chosenSystems, openSystem } from '../live/systems.ts';
import { askDrivers } from '../live/verb-params.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { colours, print } from '../terminal.ts';

interface Options {
  readonly set: readonly string[];
  readonly driver: readonly string[];
  readonly json?: boolean;
}

interface Examined {
  readonly driver: string;
  readonly checks: readonly Diagnosis[];
}

/** `strata doctor`: looks whether each real system can be used, and says what to do where it cannot. */
export async function command(path: string | undefined, options: Options): Promise<ExitCode> {
  const drivers = askDrivers(options.driver);
  const scenario =
    path === undefined ? undefined : await loadOrExplain(path, parseSet(options.set), { drivers });
  if (path !== undefined && !scenario) return EXIT.badInput;
  const systems = chosenSystems(scenario?.live ?? [], options.driver);
  if (systems.length === 0) throw noSystem(path);
  const examined = await Promise.all(systems.map(examine));
  if (options.json) print(JSON.stringify(examined, null, 2));
  else print(examinedText(examined));
  const isWell = examined.every(({ checks }) => checks.every(({ ok }) => ok));
  return isWell ? EXIT.ok : EXIT.violated;
}

async function examine(system: LiveSystem): Promise<Examined> {
  try {
    const driver = await openSystem(system);
    try {
      return { driver: system.driver, checks: await driver.diagnose() };
    } finally {
      await driver.close();
    }
  } catch (cause) {
    const { message, advice, code } = cause as { message: string; advice?: string; code?: string };
    if (code === undefined) throw cause;
    return {
      driver: system.driver,
      checks: [{ check: 'configured', ok: false, found: `${message} (${code})`, advice }],
    };
  }
}

function examinedText(examined: readonly Examined[]): string {
  const { green, red } = colours(process.stdout);
  const table = new Table({
    head: ['driver', 'check', '', 'found'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    wordWrap: true,
    colWidths: [null, null, null, 80],
  });
  const advice: string[] = [];
  for (const { driver, checks } of examined) {
    for (const { check, ok, found, advice: what } of checks) {
      table.push([driver, check, ok ? green('ok') : red('NOT OK'), found]);
      if (!ok && what) advice.push(`${driver}: ${what}`);
    }
  }
  return [table.toString(), ...advice].join('\n');
}
