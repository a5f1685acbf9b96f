/** Runs replicas on worker threads; the results come in the order of the tasks. */
import { Worker } from 'node:worker_threads';
import { StrataError } from '../../engine/errors.ts';
import type { ReplicaResult, ReplicaTask } from './replica.ts';

interface Answer {
  readonly result?: ReplicaResult;
  readonly error?: { readonly message: string; readonly code?: string; readonly advice?: string };
}

/**
 * Runs every task and returns the results in the same order, whatever the number of workers.
 * Throws the first error of a replica; all workers end in any case. `stop` ends them at once.
 */
export async function runReplicas(
  tasks: readonly ReplicaTask[],
  workerCount: number,
  onDone: (done: number) => void,
  stop?: AbortSignal,
): Promise<ReplicaResult[]> {
  const results: ReplicaResult[] = new Array(tasks.length);
  let next = 0;
  let done = 0;
  const workers = Array.from({ length: Math.min(workerCount, tasks.length) }, () => startWorker());
  const endAll = () => Promise.all(workers.map((worker) => worker.terminate()));
  stop?.addEventListener('abort', endAll);
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < tasks.length) {
          const index = next++;
          results[index] = await ask(worker, tasks[index]);
          onDone(++done);
        }
      }),
    );
  } finally {
    stop?.removeEventListener('abort', endAll);
    await endAll();
  }
  return results;
}

function startWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url));
}

function ask(worker: Worker, task: ReplicaTask): Promise<ReplicaResult> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('error', onError);
      worker.off('message', onMessage);
      act();
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onMessage = ({ result, error }: Answer) =>
      settle(() => {
        if (result) resolve(result);
        else
          reject(
            new StrataError(
              error?.code ?? 'CAPACITY_REPLICA',
              error?.message ?? 'a replica failed',
              error?.advice,
            ),
          );
      });
    worker.once('error', onError);
    worker.once('message', onMessage);
    worker.postMessage(task);
  });
}
