/** Bundles as they are read, and what overlays make of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { documentsOf, parseBundle, placementsOf } from '../../../backends/juju/bundle.ts';

describe('a bundle', () => {
  it('has its charms beside it, and relations one by one', () => {
    const text = 'applications: {a: {charm: ./a.charm}}\nrelations: [["a:x", ["b", "c:y"]]]';
    const { applications, relations } = parseBundle(documentsOf(text, '/bundles'));
    expect(applications).toMatchObject([{ name: 'a', charm: '/bundles/a.charm', units: 0 }]);
    expect(relations).toEqual(['a:x b', 'a:x c:y']);
  });

  it('names its own machines', () => {
    const machines = new Map([['0', '7']]);
    expect(placementsOf(['0', 'lxd:0', 'new', 'lxd:new', 'zone=b'], machines)).toEqual([
      ...['7', 'lxd:7', 'new', 'lxd', 'zone=b'],
    ]);
  });

  it.each(['[', 'applications: 1', 'applications: {A: {charm: x}}'])('is not %s', (text) => {
    expect(() => parseBundle(documentsOf(text, '.'))).toThrow(FaultError);
  });

  it.each([
    ['saas: {db: {url: other.db}}', 'saas: offers of other models are not consumed'],
    ['applications: {a: {charm: a, storage: {d: 1G}}}', 'storage: storage of a bundle'],
    ['applications: {a: {charm: a, resources: {r: ./file}}}', 'resources.r: the revision'],
  ])('is refused where a part would be left out: %s', (more, said) => {
    const text = more.startsWith('saas') ? `applications: {a: {charm: a}}\n${more}` : more;
    expect(() => parseBundle(documentsOf(text, '.'))).toThrow(said);
  });
});

describe('overlays of a bundle', () => {
  const BASE = [
    'default-base: ubuntu@22.04',
    'applications:',
    '  web: {charm: web, num_units: 2, to: ["0"], options: {title: a, port: 80}, resources: {r: 1}}',
    '  db: {charm: ./db.charm, num_units: 1}',
    'machines: {"0": {constraints: mem=2G}, "1": }',
    'relations: [["web:db", "db:server"], ["web:cache", ["db:cache", "web:peer"]]]',
  ].join('\n');
  const laid = (...overlays: readonly string[]) =>
    parseBundle([BASE, ...overlays].flatMap((text, i) => documentsOf(text, `/folder${i}`)));

  it('are the further documents of a file, or files of their own', () => {
    const overlay = 'applications: {web: {num_units: 3}}';
    expect(laid(overlay)).toEqual(parseBundle(documentsOf(`${BASE}\n---\n${overlay}`, '/folder0')));
    expect(laid(overlay).applications[0]).toMatchObject({ name: 'web', units: 3, charm: 'web' });
    expect(laid('---', '--- \n...')).toEqual(laid());
  });

  it('change fields, merge mappings key by key, and take keys away', () => {
    const change =
      '{web: {to: ["1"], options: {port: 443, title: , tls: true}, resources: {s: 2}}}';
    const [web, db] = laid(`applications: ${change}`).applications;
    expect(web).toMatchObject({ to: ['1'], options: { port: 443, tls: true }, units: 2 });
    expect(web.options).not.toHaveProperty('title');
    expect(web.resources).toEqual({ r: 1, s: 2 });
    expect(db).toEqual(laid().applications[1]);
  });

  it('add applications, whose charms are beside the overlay', () => {
    const { applications } = laid('applications: {cache: {charm: ./cache.charm}}');
    expect(applications.map(({ name, charm }) => `${name} ${charm}`)).toEqual([
      ...['web web', 'db /folder0/db.charm', 'cache /folder1/cache.charm'],
    ]);
  });

  it('remove applications with their relations', () => {
    const { applications, relations } = laid('applications: {db: }');
    expect(applications.map(({ name }) => name)).toEqual(['web']);
    expect(relations).toEqual([]);
  });

  it('add relations, and replace the machines', () => {
    const more = laid('relations: [["web:x", "db:x"]]\nmachines: {"5": {constraints: mem=1G}}');
    expect(more.relations).toEqual([...laid().relations, 'web:x db:x']);
    expect(more.machines).toEqual([{ name: '5', constraints: 'mem=1G' }]);
  });

  it('of any shape are refused or merged, and leave the bundle as it was', () => {
    const before = JSON.stringify(documentsOf(BASE, '/'));
    const key = fc.constantFrom(
      'web',
      'applications',
      'relations',
      'machines',
      'options',
      '__proto__',
    );
    const json = fc.object({ key, maxDepth: 4, maxKeys: 4 });
    fc.assert(
      fc.property(json, (overlay) => {
        const [bundle] = documentsOf(BASE, '/');
        try {
          parseBundle([bundle, ...documentsOf(JSON.stringify(overlay), '/')]);
        } catch (thrown) {
          expect((thrown as FaultError).fault.code).toBe('JUJU_BAD_CHARM');
        }
        expect(JSON.stringify([bundle])).toBe(before);
        expect(({} as Record<string, unknown>)['charm']).toBeUndefined();
      }),
    );
  });
});
