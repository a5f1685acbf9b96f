import type { ZodType } from 'zod';
import type { DriverName } from '../model/drivers.ts';
import type { Layer } from '../model/layers.ts';
import type { Driver } from './driver.ts';
import type { VerbParams } from './verb-params.ts';

/**
 * A driver as `strata apply`, `doctor` and `import` know it: its name, and how it is opened with
 * the options that a scenario's section `live` gives it. What the options leave out comes from
 * where the system's own tools find it: their configuration files and environment variables.
 */
export interface DriverSpec<Options = unknown> {
  /** As in a scenario's section `live`. */
  readonly name: DriverName;
  readonly layer: Layer;
  /** One line: the systems it drives. */
  readonly describes: string;
  /** What may stand in the scenario: never a secret, only where one is found. */
  readonly options: ZodType<Options>;
  readonly params: VerbParams;
  /** Reads the configuration, and connects when first asked for something. Throws `FaultError`. */
  open(options: Options, env: NodeJS.ProcessEnv): Promise<Driver>;
}
