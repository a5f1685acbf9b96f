import { request, type StateConfig } from '../kind.ts';

/** How the object of a controller goes: it waits until the garbage collector has taken its pods. */
export const DELETING: StateConfig = {
  description: 'Being deleted with all that it owns.',
  tags: ['transient'],
  entry: request('delete'),
  on: {
    done: { target: 'deleted', description: 'nothing that it owned is left' },
    fault: { target: 'deleted', description: 'a finalizer was removed by force' },
  },
};

export const DELETED: StateConfig = { description: 'The object is gone.', tags: ['stable'] };
