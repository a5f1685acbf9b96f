/** `live`: the real systems that `strata apply`, `doctor` and `import` speak to. */
import { z } from 'zod';
import { DRIVER_NAMES } from '../../model/drivers.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { text } from './fields.ts';

const options = z
  .record(text(63).min(1), z.union([text(4_096), z.number(), z.boolean()]))
  .describe('Options of the driver: where the system is, never a secret.');

export const liveSchema = z
  .partialRecord(z.enum(DRIVER_NAMES), options)
  .transform((written): readonly LiveSystem[] =>
    DRIVER_NAMES.flatMap((driver) => {
      const given = written[driver];
      return given === undefined ? [] : [{ driver, options: withoutEmpty(given) }];
    }),
  );

/** An option left empty counts as not given, so that a parameter can default to nothing. */
function withoutEmpty(given: LiveSystem['options']): LiveSystem['options'] {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
