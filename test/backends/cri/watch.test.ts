import { expect, it } from 'vitest';
import { ChangeFeed } from '../../../backends/change-feed.ts';
import { WATCH_PLAN, Watch } from '../../../backends/cri/watch.ts';

it('with a sandbox go its containers, however soon others have their names', () => {
  const feed = new ChangeFeed();
  const client = { stream: () => Promise.reject(new Error('nobody streams')) };
  const watch = new Watch({ client, feed, host: 'here', all: async () => [] }, WATCH_PLAN);
  const seen: string[] = [];
  feed.listen(({ entity, state }) => seen.push(`${entity} ${state}`));
  const learn = (kind: string, entity: string, state: string) =>
    watch.learn({ kind, entity, state });
  learn('sandbox', 'pod', 'SANDBOX_READY');
  for (const entity of ['pod/a', 'pod/b', 'ns/pod/a', 'other/a']) {
    learn('container', entity, 'CONTAINER_EXITED.Error');
  }
  learn('sandbox', 'pod', 'absent');
  learn('container', 'pod/a', 'CONTAINER_CREATED');
  expect(seen.slice(5)).toEqual([
    ...['pod/a absent', 'pod/b absent', 'pod absent'],
    'pod/a CONTAINER_CREATED',
  ]);
});
