/** A worker thread that runs replicas one after the other. */
import { parentPort } from 'node:worker_threads';
import { type ReplicaTask, runReplica } from './replica.ts';

parentPort!.on('message', (task: ReplicaTask) => {
  try {
    parentPort!.postMessage({ result: runReplica(task) });
  } catch (error) {
    const { message, code, advice } = error as { message: string; code?: string; advice?: string };
    parentPort!.postMessage({ error: { message, code, advice } });
  }
});
