/** The place in a recording that says most about it, for its picture. */
import { openRecording } from '../engine/recording/decode.ts';
import { causeLinks } from './page/chain.ts';
import { Cursor } from './page/cursor.ts';
import { writeHash } from './page/hash.ts';
import { readIncidents } from './page/incidents.ts';
import { buildReplay, fullName, isFailed, type Replay } from './page/replay.ts';
import { worstMoment } from './page/scene.ts';

/**
 * A location hash: the moment when most was out of service, and the failed entity whose cause lies
 * the most layers below it. Without a fault the end, and no entity.
 */
export function tellingPlace(recordingBytes: Uint8Array): string {
  const replay = buildReplay(openRecording(recordingBytes));
  const { outages } = readIncidents(replay.recording);
  const time_s = worstMoment({ replay, outages });
  const entity = farthestFallen(replay, time_s);
  return writeHash({ time_s, entity: entity < 0 ? undefined : fullName(replay, entity) });
}

function farthestFallen(replay: Replay, time_s: number): number {
  const cursor = new Cursor(replay);
  cursor.seek(time_s);
  let best = -1;
  let most = 0;
  for (let e = 0; e < replay.entityCount; e++) {
    if (!cursor.isAlive(e) || !isFailed(cursor.classOf(e))) continue;
    const links = causeLinks(replay.recording, cursor.rowOf(e));
    const layers = new Set(links.map(({ entity }) => replay.kinds[replay.kindOf[entity]].layer));
    if (layers.size <= most) continue;
    most = layers.size;
    best = e;
  }
  return best;
}
