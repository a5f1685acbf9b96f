/** A worker thread that runs replicas one after the other. */
import { parentPort } from 'node:worker_threads';
import { loadModel } from '../model.ts';
import { type ReplicaTask, runReplica } from './replica.ts';

const model = await loadModel();

parentPort!.on('message', (task: ReplicaTask) => {
  try {
    parentPort!.postMessage({ result: runReplica(model, task) });
  } catch (error) {
    const { message, code, advice } = error as { message: string; code?: string; advice?: string };
    parentPort!.postMessage({ error: { message, code, advice } });
  }
});
