import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFor } from '../../cli/check/arbitrary.ts';
import { decodeToken, encodeToken } from '../../cli/check/token.ts';
import { loadScenario } from '../../scenarios/index.ts';
import { anyText } from '../support/any-text.ts';
import { strata } from '../support/strata.ts';

const PLANTED = 'test/scenarios/fixtures/shared-rack.yaml';

describe('a pool whose replicas share a rack, though it is to survive the loss of one', () => {
  it('is found, shrunk, and replayed from the token alone', () => {
    const found = strata('check', PLANTED, '--runs', '20', '--seed', '1', '--json');
    expect(found.code).toBe(1);
    const finding = JSON.parse(found.out);
    expect(finding.violation.invariant).toBe('acting-set-never-shares-a-failure-domain');
    expect(finding.plan.steps).toEqual([]);
    expect(finding.plan.stretches).toEqual([]);

    const replayed = strata('check', '--replay', finding.token, '--json');
    expect(replayed.code).toBe(1);
    expect(JSON.parse(replayed.out).violation).toEqual(finding.violation);
  });
});

describe('replay tokens', () => {
  it('carry every plan there is', async () => {
    const loaded = await loadScenario('scenarios/reference-cloud.yaml');
    if ('problems' in loaded) throw new Error('the reference cloud does not load');
    fc.assert(
      fc.property(planFor(loaded.scenario), (plan) => {
        const token = { scenario: 'a.yaml', hash: 'x', set: { a: 'b' }, plan };
        expect(decodeToken(encodeToken(token))).toEqual(token);
      }),
    );
  });

  it('are refused when they are damaged, whatever the damage', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(() => decodeToken(text)).toThrow(
          expect.objectContaining({ code: 'CHECK_BAD_TOKEN' }),
        );
        expect(() => decodeToken(`strata1.${text}`)).toThrow(
          expect.objectContaining({ code: 'CHECK_BAD_TOKEN' }),
        );
      }),
    );
  });
});
