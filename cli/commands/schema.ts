import { scenarioJsonSchema } from '../../scenarios/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { print } from '../terminal.ts';

/** `strata schema`: prints the JSON Schema of the scenario format. */
export async function command(): Promise<ExitCode> {
  print(JSON.stringify(scenarioJsonSchema(), null, 2));
  return EXIT.ok;
}
