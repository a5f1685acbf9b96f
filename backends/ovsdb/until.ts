import { ovsdbFault } from './faults.ts';
import type { OvsdbSession } from './session.ts';
import type { DatabaseShape } from './shape.ts';

type AnySession = Pick<OvsdbSession<DatabaseShape>, 'lost'> & {
  listen(listener: () => void): () => void;
};

/**
 * Resolves when `holds` does; looked at after every change of any of the databases. Rejects when a
 * connection is lost, since what is waited for may then come and go unseen, and when `signal` aborts.
 */
export function until(
  sessions: readonly AnySession[],
  what: string,
  holds: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        if (holds()) end(resolve);
      } catch (cause) {
        end(() => reject(cause)); // what is waited for cannot come any more
      }
    };
    const abort = () => end(() => reject(ovsdbFault('OVSDB_NO_ANSWER', `${what}: given up`)));
    const unlisten = sessions.map((session) => session.listen(look));
    const end = (then: () => void) => {
      for (const stop of unlisten) stop();
      signal.removeEventListener('abort', abort);
      then();
    };
    signal.addEventListener('abort', abort);
    for (const session of sessions) {
      session.lost(signal).then(
        (fault) => end(() => reject(fault)),
        (cause) => end(() => reject(cause)),
      );
    }
    if (signal.aborted) abort();
    else look();
  });
}
