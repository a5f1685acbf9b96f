import { LabError } from '../error.ts';
import { cephPaths } from './paths.ts';

/** How long the cluster may take for one step, and how often that is looked at. */
const STEP_PATIENCE_S = 180;
const LOOK_MS = 200;

/** Waits until a look at the cluster says yes. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const end_ms = performance.now() + STEP_PATIENCE_S * 1000;
  for (;;) {
    if (await look()) return;
    if (performance.now() > end_ms) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const advice = `Look into ${cephPaths().log}.`;
  throw new LabError('LAB_START_FAILED', `not within ${STEP_PATIENCE_S} s: ${what}`, advice);
}
