/** Looks whose answers come in another order than they were asked for. */
import { expect, it } from 'vitest';
import type { SeenMachine } from '../../../backends/bare-metal/machine-feed.ts';
import { PowerWatch } from '../../../backends/bare-metal/power-watch.ts';

interface Machine {
  readonly name: string;
}

function watched(...names: readonly string[]) {
  const machines = new Map(names.map((name): [string, Machine] => [name, { name }]));
  const asked: { readonly name: string; answer(power: 'on' | 'off'): void }[] = [];
  const look = ({ name }: Machine) =>
    new Promise<SeenMachine>((resolve) => {
      const answer = (power: 'on' | 'off') =>
        resolve({ name, status: 'new', power, reason: power, attributes: {} });
      asked.push({ name, answer });
    });
  const known = { all: () => [...machines.values()], get: (name: string) => machines.get(name) };
  const watch = new PowerWatch(known, { look, attributes: () => ({}) });
  return { watch, machines, asked };
}

it('a look that took longer than a later one tells what the later one saw', async () => {
  const { watch, machines, asked } = watched('a');
  const first = watch.look(machines.get('a')!);
  const second = watch.look(machines.get('a')!);
  asked[1].answer('on');
  expect(await second).toMatchObject({ state: 'new+on' });
  asked[0].answer('off');
  expect(await first).toMatchObject({ state: 'new+on' });
});

it('a look at all that began before an act does not take back what the act has shown', async () => {
  const { watch, machines, asked } = watched('a', 'b');
  const all = watch.lookAtAll();
  const after = watch.look(machines.get('b')!);
  asked[2].answer('on');
  await after;
  asked[0].answer('off');
  asked[1].answer('off');
  expect((await all).map(({ entity, state }) => [entity, state])).toEqual([
    ['a', 'new+off'],
    ['b', 'new+on'],
  ]);
});

it('a machine that was forgotten meanwhile is not brought back', async () => {
  const { watch, machines, asked } = watched('a');
  const all = watch.lookAtAll();
  const one = watch.look(machines.get('a')!);
  machines.delete('a');
  watch.gone('a');
  for (const { answer } of asked) answer('on');
  expect(await all).toEqual([]);
  expect(await one).toMatchObject({ state: 'absent' });
});
