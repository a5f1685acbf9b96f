/** Arithmetic on the part of the recording that the timeline shows. All in simulated seconds. */

export type View = readonly [number, number];

/** The least that the timeline zooms in to. */
const NARROWEST_S = 0.01;

/** Zooms by `factor` (> 1: out) so that `anchor_s` stays where it is, within `bounds`. */
export function zoomView(view: View, factor: number, anchor_s: number, bounds: View): View {
  const whole_s = bounds[1] - bounds[0];
  const width_s = view[1] - view[0];
  const next_s = Math.min(whole_s, Math.max(Math.min(NARROWEST_S, whole_s), width_s * factor));
  const share = width_s > 0 ? (anchor_s - view[0]) / width_s : 0.5;
  return shiftInto(anchor_s - share * next_s, next_s, bounds);
}

export function panView(view: View, by_s: number, bounds: View): View {
  return shiftInto(view[0] + by_s, view[1] - view[0], bounds);
}

/** The view unchanged if it shows the instant, else moved so that the instant is near its start. */
export function revealView(view: View, time_s: number, bounds: View): View {
  if (time_s >= view[0] && time_s <= view[1]) return view;
  const width_s = view[1] - view[0];
  return shiftInto(time_s - width_s * 0.1, width_s, bounds);
}

/** A view of an incident with some room around it; of the rest of the recording if it never ends. */
export function incidentView(start_s: number, whole_s: number, bounds: View): View {
  const end_s = Math.min(whole_s, bounds[1]);
  const room_s = Math.max(1, (end_s - start_s) * 0.15);
  return [Math.max(bounds[0], start_s - room_s), Math.min(bounds[1], end_s + room_s)];
}

function shiftInto(start_s: number, width_s: number, bounds: View): View {
  const start = Math.max(bounds[0], Math.min(start_s, bounds[1] - width_s));
  return [start, Math.min(bounds[1], start + width_s)];
}
