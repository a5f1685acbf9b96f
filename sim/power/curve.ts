/**
 * Power drawn at a CPU utilisation: idle + (max - idle) * f(u), with f rising from 0 to 1.
 *
 * The linear curve is that of Fan, Weber and Barroso, "Power Provisioning for a Warehouse-sized
 * Computer", ISCA 2007; square root and cubic bracket it, with the names that OpenDC gives them.
 */
import type { PowerModel } from '../../model/scenario.ts';
import { PowerError } from './errors.ts';

export type PowerCurve = PowerModel['curve'];

/** f(u) of each curve, in operations that every machine rounds alike. */
export const CURVES: Readonly<Record<PowerCurve, (utilisation: number) => number>> = {
  linear: (u) => u,
  sqrt: (u) => Math.sqrt(u),
  cubic: (u) => u * u * u,
};

/**
 * @param place whose model it is, for the message
 * @throws {PowerError} POWER_BAD_MODEL
 */
export function checkPowerModel(place: string, model: PowerModel): void {
  const { idle_w, max_w, curve } = model;
  if (!Object.hasOwn(CURVES, curve)) {
    throw new PowerError(
      'POWER_BAD_MODEL',
      `${place}: no power curve ${curve}; there are: ${Object.keys(CURVES).join(', ')}`,
    );
  }
  if (!(idle_w >= 0 && max_w >= idle_w && max_w < Number.POSITIVE_INFINITY)) {
    throw new PowerError(
      'POWER_BAD_MODEL',
      `${place}: power from ${idle_w} W idle to ${max_w} W; expected 0 <= idle <= max`,
    );
  }
}

/**
 * Watts drawn at a utilisation.
 *
 * @param utilisation 0 to 1; outside of it the nearer end counts
 */
export function powerAt_w(model: PowerModel, utilisation: number): number {
  const u = Math.min(1, Math.max(0, utilisation));
  return model.idle_w + (model.max_w - model.idle_w) * CURVES[model.curve](u);
}
