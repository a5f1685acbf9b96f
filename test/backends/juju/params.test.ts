import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JujuBackend } from '../../../backends/juju/driver.ts';
import { JUJU_PARAMS } from '../../../backends/juju/params.ts';
import { mistyped, naming } from '../mistyped.ts';
import { closed, faultOf, openJuju } from './controller-under-test.ts';

let backend: JujuBackend;

// Nothing listens there: what is sent ends in another fault.
beforeEach(() => {
  backend = openJuju('127.0.0.1:1');
});
afterEach(() => closed(backend));

it('what is sent is known by its fault', async () => {
  expect(await faultOf(backend, 'application', 'x', 'expose')).toMatchObject({
    code: 'JUJU_UNREACHABLE',
  });
});

it.each(mistyped(JUJU_PARAMS))(
  '$verb of a $kind refuses what is of a wrong type before anything is sent',
  async ({ kind, verb, wrong }) => {
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const message = expect.stringMatching(naming(field));
      const fault = await faultOf(backend, kind, 'x', verb, { [field]: value });
      const expected = { code: 'JUJU_BAD_PARAMS', effect: 'none', message };
      expect(fault, JSON.stringify([field, value])).toMatchObject(expected);
    });
    await fc.assert(property, { numRuns: 20 });
  },
);
