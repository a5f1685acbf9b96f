/** What a recording says about the model it was made with, so that readers need no program. */
import { LAYERS } from '../model/layers.ts';
import type { RecordingHead, RecordingMetadata, RecordingModel } from './recording/format.ts';
import { type CompiledModel, STATE_CLASSES } from './tables.ts';

/** Head of a recording: names behind numbers, and metadata with the model's description. */
export function recordingHead(
  model: CompiledModel,
  eventNames: readonly string[],
  metadata: Omit<RecordingMetadata, 'model'>,
): RecordingHead {
  return {
    metadata: { ...metadata, model: describeModel(model) },
    states: model.stateNames,
    events: eventNames,
  };
}

function describeModel(model: CompiledModel): RecordingModel {
  const states: Record<string, { class: (typeof STATE_CLASSES)[number]; serving: boolean }> = {};
  model.stateNames.forEach((name, s) => {
    states[name] = {
      class: STATE_CLASSES[model.stateClass[s]],
      serving: model.serving[s] === 1,
    };
  });
  return {
    kinds: model.kinds.map((k) => ({ kind: k.kind, layer: LAYERS[k.layer] })),
    states,
    events: reasons(model),
  };
}

/** Event -> state left -> reason; what most states of a kind share stands under the kind. */
function reasons(model: CompiledModel): Record<string, Record<string, string>> {
  const byEvent: Record<string, Record<string, string>> = {};
  const eventCount = model.eventNames.length;
  for (const kind of model.kinds) {
    for (const event of kind.events) {
      const ofState = new Map<string, string>();
      for (let s = kind.firstState; s < kind.firstState + kind.stateCount; s++) {
        const candidate = model.table[s * eventCount + event];
        if (candidate > 0) ofState.set(model.stateNames[s], model.reasons[candidate]);
      }
      if (ofState.size === 0) continue;
      const common = mostFrequent([...ofState.values()]);
      const name = model.eventNames[event];
      byEvent[name] ??= {};
      const target = byEvent[name];
      target[kind.kind] = common;
      for (const [state, reason] of ofState) if (reason !== common) target[state] = reason;
    }
  }
  return byEvent;
}

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
