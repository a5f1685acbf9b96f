/** Writes a recording again with fewer rows, so that it takes less room in a page. */
import { ROLE } from '../engine/recording/format.ts';
import { Recorder } from '../engine/recording/recorder.ts';
import type { Recording } from '../engine/recording/recording.ts';
import { MemorySink } from '../engine/recording/sink.ts';

/**
 * The recording without keyframes and with one in `keepEvery` samples of each entity's metric
 * (1: all, 0: none). All other rows stay, with their causes; a sample that is a cause stays too.
 */
export function thinRecording(recording: Recording, keepEvery: number): Uint8Array {
  const kept = chooseRows(recording, keepEvery);
  const sink = new MemorySink();
  const { metadata, states, events } = recording;
  const recorder = new Recorder({ metadata, states: states.map((s) => s.name), events }, sink);
  const newRow = new Int32Array(recording.rows).fill(-1);
  for (const batch of recording.batches) {
    for (let i = 0; i < batch.length; i++) {
      const row = batch.firstRow + i;
      if (kept[row] === 0) continue;
      newRow[row] = recorder.rows;
      const cause = batch.cause[i] < 0 ? -1 : newRow[batch.cause[i]];
      const columns = [
        batch.time_s[i],
        batch.entity[i],
        batch.from[i],
        batch.event[i],
        batch.to[i],
        cause,
      ] as const;
      if (batch.detailOffsets[i + 1] > batch.detailOffsets[i]) {
        recorder.appendWithDetail(...columns, recording.detail(row));
      } else recorder.appendWithValue(...columns, batch.value[i]);
    }
  }
  recorder.close();
  return sink.bytes();
}

function chooseRows(recording: Recording, keepEvery: number): Uint8Array {
  const kept = new Uint8Array(recording.rows);
  const seen = new Map<number, number>();
  const samplesOf = recording.events.length;
  for (const { event, entity, cause, length, firstRow } of recording.batches) {
    for (let i = 0; i < length; i++) {
      const role = recording.roles[event[i]];
      if (role === ROLE.keyframe) continue;
      if (role === ROLE.metric) {
        const series = entity[i] * samplesOf + event[i];
        const nth = seen.get(series) ?? 0;
        seen.set(series, nth + 1);
        if (keepEvery === 0 || nth % keepEvery !== 0) continue;
      }
      kept[firstRow + i] = 1;
      if (cause[i] >= 0) kept[cause[i]] = 1;
    }
  }
  return kept;
}
