/** The excerpt of a report in the README: made by the run that it shows. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fenced } from './markdown.ts';

const BEGIN = '<!-- excerpt: made by `npm run docs`, compared by a test -->';
const END = '<!-- end of excerpt -->';

/** Paragraphs of the report that are shown, by how they begin. */
const SHOWN = [/^reference-cloud /, /^1d02:00:00 /, /^Objectives\n/];

/** A text with the excerpt between its marks made anew, by the build in the project's folder. */
export function withExcerpt(text: string, root: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the README lacks ${BEGIN} and ${END}`);
  const excerpt = fenced('text', excerptOf(reportOf(root)));
  return `${text.slice(0, begin + BEGIN.length)}\n\n${excerpt}\n\n${text.slice(end)}`;
}

/** Exit code 1 (an objective missed) is a report as well. */
function reportOf(root: string): string {
  const args = [join(root, 'bin', 'strata.js'), 'run', 'scenarios/reference-cloud.yaml'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0 && status !== 1) throw new Error(`strata run failed:\n${stderr}`);
  return stdout;
}

function excerptOf(report: string): string {
  const paragraphs = report.split('\n\n');
  const shown = SHOWN.map((start) => paragraphs.find((paragraph) => start.test(paragraph)));
  if (shown.includes(undefined)) throw new Error(`the report is another one:\n${report}`);
  return shown.join('\n\n');
}
