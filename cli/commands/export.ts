import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { StrataError } from '../../engine/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { distinctFiles } from '../options.ts';
import { note } from '../terminal.ts';
import { writeParquet } from '../tools/export-parquet.ts';
import { perfettoTrace } from '../tools/export-perfetto.ts';
import { FileSink, readRecording } from '../tools/recording-file.ts';

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
  const recording = readRecording(path);
  if (perfetto) {
    const file = openSync(perfetto, 'w');
    for (const piece of perfettoTrace(recording)) writeSync(file, piece);
    closeSync(file);
    note(`wrote ${perfetto}; open it at ui.perfetto.dev`);
  }
  if (parquet) {
    writeParquet(recording, new FileSink(parquet));
    note(`wrote ${parquet}`);
  }
  if (html) {
    const { writeHtml } = await import('../../viz/html.ts');
    writeFileSync(html, writeHtml(readFileSync(path)));
    note(`wrote ${html}`);
  }
  return EXIT.ok;
}
