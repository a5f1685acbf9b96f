import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../engine/recording/decode.ts';
import { ROLE } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { Row } from '../../engine/recording/rows.ts';
import { servedHtml, writeHtml } from '../../viz/html.ts';
import { fromBase64, sourceOf } from '../../viz/page/codec.ts';
import { thinRecording } from '../../viz/thin.ts';
import { history, METRIC, play, recordAndOpen, recordBytes, Scribe } from '../recording/build.ts';
import { buildPage } from './page.ts';

let page = '';
beforeAll(async () => {
  page = await buildPage();
});

/** The recording's element, as a browser would read it. */
function elementOf(html: string) {
  const [, attributes, text] =
    /<script type="application[^"]*" id="recording"([^>]*)>([^<]*)<\/script>/.exec(html)!;
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? null;
  return sourceOf({ getAttribute: value, textContent: text } as unknown as Element);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** A recording whose samples take most of its room, since they cannot be compressed. */
function mostlySamples(): Uint8Array {
  return recordBytes((r) => {
    const s = new Scribe(r);
    const disk = s.create(0, 'sda', 'disk/ok');
    const noise = randomBytes(8 * 4000);
    for (let i = 0; i < 4000; i++) s.note(i, disk, METRIC, noise.readUInt32LE(8 * i));
    s.move(5000, disk, 'fail', 'disk/failed');
  });
}

describe('the built page', () => {
  it('is one file that needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toMatch(/@import|url\((?!data:)/);
    expect(page.length).toBeLessThan(600_000);
  });

  it('allows its own script and style, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1];
    const hash = (pattern: RegExp) =>
      createHash('sha256').update(pattern.exec(page)![1]).digest('base64');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(
      `script-src 'sha256-${hash(/<script type="module">([\s\S]*?)<\/script>/)}'`,
    );
    expect(policy).toContain(`style-src 'sha256-${hash(/<style>([\s\S]*?)<\/style>/)}'`);
    expect(policy).not.toContain('unsafe');
  });
});

describe('writeHtml', () => {
  it('embeds the recording as it is', () => {
    const bytes = mostlySamples();
    const source = elementOf(text(writeHtml(bytes, { page })));
    expect(source).toMatchObject({ from: 'embedded', encoding: 'gzip', note: '' });
    expect(gunzipSync(fromBase64(source.text)).equals(bytes)).toBe(true);
  });

  it('leaves out samples, and says so, when the page would become too large', () => {
    const bytes = mostlySamples();
    const source = elementOf(text(writeHtml(bytes, { page, maxBytes: 8000 })));
    expect(source.note).toContain('one metric sample in 8');
    const thinned = openRecording(gunzipSync(fromBase64(source.text)));
    expect(thinned.row(thinned.rows - 1)).toMatchObject({ event: 'fail', to: 'disk/failed' });
    const none = elementOf(text(writeHtml(bytes, { page, maxBytes: 2500 })));
    expect(none.note).toContain('metric samples are left out');
  });

  it('refuses what cannot be made to fit', () => {
    expect(() => writeHtml(mostlySamples(), { page, maxBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'VIEW_TOO_LARGE' }),
    );
  });

  it('refuses a page that is none', () => {
    expect(() => writeHtml(mostlySamples(), { page: '<html></html>' })).toThrow(
      expect.objectContaining({ code: 'VIEW_PAGE_NOT_BUILT' }),
    );
  });
});

describe('servedHtml', () => {
  it('names the place of the recording', () => {
    expect(elementOf(servedHtml('/recording', page))).toMatchObject({
      from: '/recording',
      text: '',
    });
  });
});

describe('thinRecording', () => {
  const rowsOf = (recording: Recording, roles: readonly number[]): Row[] =>
    Array.from({ length: recording.rows }, (_, row) => recording.row(row)).filter(({ event }) =>
      roles.includes(recording.roles[recording.events.indexOf(event)]),
    );

  it('keeps every transition and link with what led to it', () => {
    const kept = [ROLE.transition, ROLE.created, ROLE.removed, ROLE.linked, ROLE.unlinked];
    const plain = (recording: Recording) =>
      rowsOf(recording, kept).map(({ row, cause, ...rest }) => {
        const { entity, event, time_s } = cause < 0 ? rest : recording.row(cause);
        return { ...rest, because: cause < 0 ? null : { entity, event, time_s } };
      });
    fc.assert(
      fc.property(history, fc.constantFrom(0, 1, 3), (steps, keepEvery) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        const thinned = openRecording(thinRecording(recording, keepEvery));
        expect(plain(thinned)).toEqual(plain(recording));
        expect(thinned.metadata).toEqual(recording.metadata);
      }),
    );
  });

  it('keeps one sample in so many of each entity', () => {
    const recording = recordAndOpen((r) => {
      const s = new Scribe(r);
      const disks = [s.create(0, 'a', 'disk/ok'), s.create(0, 'b', 'disk/ok')];
      for (let i = 0; i < 20; i++) s.note(i, disks[i % 2], METRIC, i);
    });
    const samples = rowsOf(openRecording(thinRecording(recording, 4)), [ROLE.metric]);
    expect(samples.map((row) => row.value)).toEqual([0, 1, 8, 9, 16, 17]);
  });
});
