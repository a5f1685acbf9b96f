import { describe, expect, it } from 'vitest';
import { stepsBetween } from '../../../backends/juju/steps.ts';

describe('what changed between two looks is told one by one:', () => {
  it.each([
    ['application', 'waiting+scaling', 'active+steady', ['active+scaling']],
    ['application', 'active+steady', 'waiting+scaling', ['active+scaling']],
    ['application', 'active+steady', 'active+dying', []],
    ['application', 'absent', 'waiting+scaling', []],
    [
      'unit',
      'allocating+waiting',
      'idle+active',
      [
        ...['executing.install+maintenance', 'executing.config_changed+maintenance'],
        ...['executing.start+maintenance', 'executing.start+active'],
      ],
    ],
    ['unit', 'allocating+waiting', 'executing.install+maintenance', []],
    ['unit', 'executing.start+maintenance', 'idle+active', ['executing.start+active']],
    ['unit', 'idle+active', 'error+error', ['executing.update_config+active']],
    ['unit', 'executing.update_config+active', 'error+error', []],
    ['unit', 'error+error', 'executing.update_config+maintenance', []],
    ['unit', 'idle+active', 'lost+unknown', []],
    ['unit', 'lost+unknown', 'idle+active', []],
    ['relation', 'joining', 'joined', []],
  ])('%s %s, %s', (kind, before, now, between) => {
    expect(stepsBetween(kind, before, now)).toEqual(between);
  });
});
