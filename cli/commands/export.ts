import { readFileSync } from 'node:fs';
import { StrataError } from '../../engine/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadRecording } from '../load-recording.ts';
import { distinctFiles } from '../options.ts';
import { note } from '../terminal.ts';
import { writeParquet } from '../tools/export-parquet.ts';
import { perfettoTrace } from '../tools/export-perfetto.ts';
import { writeWhole, writeWholeBy } from '../tools/pending-file.ts';

interface Options {
  readonly perfetto?: string;
  readonly parquet?: string;
  readonly html?: string;
}

/** `strata export`: writes a recording in other formats; several at once are fine. */
export async function command(path: string, options: Options): Promise<ExitCode> {
  const { perfetto, parquet, html } = options;
  if (!perfetto && !parquet && !html) {
    throw new StrataError('USAGE_EXPORT', 'name a format: --perfetto, --parquet or --html FILE');
  }
  distinctFiles([path], [perfetto, parquet, html]);
  const recording = loadRecording(path);
  if (perfetto) {
    writeWhole(perfetto, perfettoTrace(recording));
    note(`wrote ${perfetto}; open it at ui.perfetto.dev`);
  }
  if (parquet) {
    writeWholeBy(parquet, (file) => writeParquet(recording, file));
    note(`wrote ${parquet}`);
  }
  if (html) {
    const { writeHtml } = await import('../../viz/html.ts');
    writeWhole(html, [writeHtml(readFileSync(path))]);
    note(`wrote ${html}`);
  }
  return EXIT.ok;
}
