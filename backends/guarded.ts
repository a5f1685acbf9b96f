import type { Observation } from '../engine/contract.ts';
import type { Attempt, Diagnosis, Driver } from './driver.ts';
import { withoutSecrets } from './secret.ts';

/**
 * Passwords of a laboratory are words such as `admin`, and so are names: only a secret that is no
 * such word is taken out of what a system shows, where a name that is changed means something else.
 */
const SHOWN_CHARACTERS_MIN = 12;

/**
 * The same driver, but no secret that this process knows comes out of it in what its system shows,
 * should the system repeat one. Faults are free of secrets from the moment they are made.
 */
export function guarded(driver: Driver): Driver {
  const { name, layer, actions_max } = driver;
  return {
    ...{ name, layer, actions_max },
    verbs: (kind) => driver.verbs(kind),
    order: (kind) => driver.order?.(kind) ?? {},
    async perform(action, attempt: Attempt) {
      const seen = await driver.perform(action, attempt);
      return seen && clean(seen);
    },
    observe: async (kind, entity) => clean(await driver.observe(kind, entity)),
    list: async () => (await driver.list()).map(clean),
    watch: (listener) => driver.watch((seen) => listener(clean(seen))),
    diagnose: async () => (await driver.diagnose()).map(cleanDiagnosis),
    close: () => driver.close(),
  };
}

function clean(seen: Observation): Observation {
  const { entity, reason, attributes } = seen;
  return {
    ...seen,
    entity: shown(entity),
    ...(reason === undefined ? {} : { reason: shown(reason) }),
    ...(attributes === undefined ? {} : { attributes: cleanAttributes(attributes) }),
  };
}

function cleanAttributes(
  attributes: NonNullable<Observation['attributes']>,
): Observation['attributes'] {
  const pairs = Object.entries(attributes).map(([key, value]) => [
    key,
    typeof value === 'string' ? shown(value) : value,
  ]);
  return Object.fromEntries(pairs);
}

function cleanDiagnosis(diagnosis: Diagnosis): Diagnosis {
  return { ...diagnosis, found: withoutSecrets(diagnosis.found) };
}

const shown = (text: string): string => withoutSecrets(text, SHOWN_CHARACTERS_MIN);
