/** Writes the replay page with a recording inside: one file that opens by double click. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { openRecording } from '../engine/recording/decode.ts';
import { viewError } from './errors.ts';
import { thinRecording } from './thin.ts';

/** The most that is embedded, compressed; browsers become slow to open larger files. */
export const EMBED_MAX_BYTES = 64 * 1024 * 1024;

/** The recording's element as the built page has it, to be filled. */
const PLACE = /data-from="" data-encoding="" data-note="">@recording@</;

export interface HtmlOptions {
  /** Compressed bytes to embed at most; EMBED_MAX_BYTES unless given. */
  readonly maxBytes?: number;
  /** The built page; the one in `dist/` unless given. */
  readonly page?: string;
}

/**
 * The page with the recording in it, as UTF-8 bytes. A recording too large to embed is thinned:
 * keyframes go first (the page needs none), then metric samples; the page says what was left out.
 * Every transition, link and cause always stays.
 *
 * Throws StrataError `VIEW_PAGE_NOT_BUILT`, `VIEW_TOO_LARGE`, or one of RECORDING_ERRORS.
 */
export function writeHtml(recordingBytes: Uint8Array, options: HtmlOptions = {}): Uint8Array {
  const { bytes, note } = fitRecording(recordingBytes, options.maxBytes ?? EMBED_MAX_BYTES);
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const attributes = `data-from="embedded" data-encoding="gzip" data-note="${escapeAttribute(note)}"`;
  const [head, tail] = checked(options.page ?? builtPage()).split(PLACE);
  return Buffer.from(`${head}${attributes}>${base64}<${tail}`);
}

/** The page (the built one unless given) for a server that serves the recording at `path`. */
export function servedHtml(path: string, page = builtPage()): string {
  return checked(page).replace(PLACE, () => `data-from="${escapeAttribute(path)}"><`);
}

/** Where the page is from this file: in the build, in the bundle, or run from the sources. */
const PAGE_PLACES = ['./page/index.html', '../viz/page/index.html', '../dist/viz/page/index.html'];

/** The built page with the place for a recording. */
function builtPage(): string {
  for (const place of PAGE_PLACES) {
    try {
      const page = readFileSync(new URL(place, import.meta.url), 'utf8');
      // The page's source has no place for a recording and is not it.
      if (PLACE.test(page)) return page;
    } catch {
      // The next place; if it is nowhere, that is said below.
    }
  }
  throw notBuilt('dist/viz/page/index.html is missing');
}

function checked(page: string): string {
  if (!PLACE.test(page)) throw notBuilt('what was built has no place for a recording');
  return page;
}

function notBuilt(what: string): Error {
  return viewError(
    'VIEW_PAGE_NOT_BUILT',
    `the replay page is not built: ${what}`,
    'run `npm run build`',
  );
}

interface Fitted {
  readonly bytes: Uint8Array;
  readonly note: string;
}

/** One sample in so many is kept before all samples are given up. */
const THIN_EVERY = 8;

function fitRecording(bytes: Uint8Array, maxBytes: number): Fitted {
  const whole = gzipSync(bytes);
  if (whole.length <= maxBytes) return { bytes: whole, note: '' };
  const recording = openRecording(bytes);
  const attempts = [
    { keepEvery: 1, note: '' },
    {
      keepEvery: THIN_EVERY,
      note: `To fit into a page, one metric sample in ${THIN_EVERY} is kept; nothing else is left out.`,
    },
    { keepEvery: 0, note: 'To fit into a page, metric samples are left out, and nothing else.' },
  ];
  let least = whole.length;
  for (const { keepEvery, note } of attempts) {
    const thinned = gzipSync(thinRecording(recording, keepEvery));
    if (thinned.length <= maxBytes) return { bytes: thinned, note };
    least = Math.min(least, thinned.length);
  }
  throw viewError(
    'VIEW_TOO_LARGE',
    `the recording takes ${least} bytes compressed; a page holds at most ${maxBytes}`,
    'look at it with `strata view`, or record a shorter time',
  );
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
