import { expect, it } from 'vitest';
import { noEntityText } from '../../cli/report/no-entity-text.ts';
import { record } from './scribe.ts';

const names = ['prod-web', 'prod-api', 'prod-db', 'test-web', 'prod-webhook'];
const recording = record((s) => {
  for (const name of names) s.create(0, 'server', name, 'active.idle+UP');
});

it('says nothing of a pattern that means an entity', () => {
  expect(noEntityText(recording, 'server/*web')).toBeUndefined();
  expect(noEntityText(recording, 'server/prod-db')).toBeUndefined();
});

it('names what was meant, the nearest first', () => {
  expect(noEntityText(recording, 'server/web')).toBe(
    'No server of this run has a name like web: there are prod-web, test-web, prod-db and others.',
  );
});

it('says when there is nothing of the kind', () => {
  expect(noEntityText(recording, 'node/*')).toBe('This run has no node at all.');
});
