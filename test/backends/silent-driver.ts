import type { Attempt, Diagnosis, Driver } from '../../backends/driver.ts';
import type { Action, Observation } from '../../engine/contract.ts';
import type { Layer } from '../../model/layers.ts';

/** A driver of a system that shows nothing: for tests of what is done with acts. */
export abstract class SilentDriver implements Driver {
  readonly name = 'silent';
  readonly layer: Layer = 'sds';

  abstract verbs(kind: string): readonly string[];
  abstract perform(action: Action, attempt: Attempt): Promise<Observation | undefined>;

  async observe(kind: string, entity: string): Promise<Observation> {
    return { kind, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    return [];
  }

  watch(): () => void {
    return () => {};
  }

  async diagnose(): Promise<readonly Diagnosis[]> {
    return [];
  }

  async close(): Promise<void> {}
}
