/**
 * Overlays: documents that change a bundle before it is deployed, those of its own file first, then
 * the files that are named (juju.is/docs: "Overlay bundle"; charm/overlay.go of Juju).
 */
import { isLocalCharm } from './charms.ts';

/** A document as it was read; what it means is checked when all are merged. */
export type BundleDocument = Readonly<Record<string, unknown>>;

type Mapping = Record<string, unknown>;

/**
 * The bundle with an overlay over it. An application that the overlay leaves empty goes, with its
 * relations; of any other the overlay's fields count, where mappings are merged key by key and an
 * empty value takes the key away. Relations are added, machines replaced as a whole.
 */
export function withOverlay(bundle: BundleDocument, overlay: BundleDocument): BundleDocument {
  const { applications, relations, ...others } = overlay;
  let merged: BundleDocument = { ...bundle, ...others };
  for (const [name, wanted] of Object.entries(mapping(applications))) {
    merged = isEmpty(wanted) ? without(merged, name) : withApplication(merged, name, wanted);
  }
  if (!Array.isArray(relations)) return merged;
  return { ...merged, relations: [...list(merged['relations']), ...relations] };
}

/** Local charms are found beside the document that names them, whatever it is laid over. */
export function withPaths(
  document: BundleDocument,
  absolute: (path: string) => string,
): BundleDocument {
  if (!isMapping(document['applications'])) return document;
  const applications = Object.entries(document['applications']).map(([name, application]) => {
    const charm = isMapping(application) ? application['charm'] : undefined;
    if (typeof charm !== 'string' || !isLocalCharm(charm)) return [name, application];
    return [name, { ...mapping(application), charm: absolute(charm) }];
  });
  return { ...document, applications: Object.fromEntries(applications) };
}

function withApplication(bundle: BundleDocument, name: string, wanted: unknown): BundleDocument {
  const applications = mapping(bundle['applications']);
  const own = Object.hasOwn(applications, name) ? applications[name] : {};
  return {
    ...bundle,
    applications: { ...applications, [name]: mergedMapping(mapping(own), mapping(wanted)) },
  };
}

function mergedMapping(own: Mapping, over: Mapping): Mapping {
  const merged = { ...own };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key];
    else if (isMapping(value)) merged[key] = mergedMapping(mapping(merged[key]), value);
    else merged[key] = value;
  }
  return merged;
}

function without(bundle: BundleDocument, name: string): BundleDocument {
  const { [name]: _, ...applications } = mapping(bundle['applications']);
  const isIts = (endpoint: unknown) => String(endpoint).split(':')[0] === name;
  const relations = list(bundle['relations']).filter(
    (relation) => !(Array.isArray(relation) && relation.flat().some(isIts)),
  );
  return { ...bundle, applications, relations };
}

function isEmpty(value: unknown): boolean {
  return value === null || (isMapping(value) && Object.keys(value).length === 0);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const mapping = (value: unknown): Mapping => (isMapping(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
