/** Getting the recording's bytes: out of the page itself, or from the server that sent the page. */

/** What the page says about its recording; written by `viz/html.ts` and `viz/server.ts`. */
export interface Source {
  /** `embedded`, or the path to fetch. */
  readonly from: string;
  /** How an embedded recording is compressed: `gzip`. */
  readonly encoding: string;
  /** Base64 text of an embedded recording. */
  readonly text: string;
  /** What was left out, in words; empty for a whole recording. */
  readonly note: string;
}

/** Reads the `<script id="recording">` element. */
export function sourceOf(element: Element): Source {
  return {
    from: element.getAttribute('data-from') ?? '',
    encoding: element.getAttribute('data-encoding') ?? '',
    text: element.textContent ?? '',
    note: element.getAttribute('data-note') ?? '',
  };
}

export async function readSource(source: Source): Promise<Uint8Array> {
  if (source.from !== 'embedded') return download(source.from);
  const packed = fromBase64(source.text);
  if (source.encoding !== 'gzip') return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function download(path: string): Promise<Uint8Array> {
  if (!path.startsWith('/')) throw new Error('This page was built without a recording in it.');
  const response = await fetch(path);
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${path}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Characters decoded at once; a multiple of four. */
const PIECE = 1 << 20;

/** Decodes base64 piece by piece; white space around it is ignored. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const clean = text.trim();
  const padding = clean.endsWith('==') ? 2 : clean.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((clean.length / 4) * 3 - padding);
  let at = 0;
  for (let from = 0; from < clean.length; from += PIECE) {
    const piece = atob(clean.slice(from, from + PIECE));
    for (let i = 0; i < piece.length; i++) bytes[at++] = piece.charCodeAt(i);
  }
  return bytes;
}
