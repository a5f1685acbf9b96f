/** What commands write to: results on stdout, everything else on stderr. */
import { SingleBar } from 'cli-progress';
import pc from 'picocolors';

/** Colour only on a terminal, and never with NO_COLOR. */
export function colours(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  const noColour = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';
  return pc.createColors(stream.isTTY === true && !noColour);
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Progress of long work: a bar on a terminal, nothing elsewhere. */
export interface Progress {
  update(done: number, text?: string): void;
  stop(): void;
}

export function progress(title: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `${title} {bar} {percentage}% {text}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
  });
  bar.start(total, 0, { text: '' });
  return {
    update: (done, text = '') => bar.update(Math.min(done, total), { text }),
    stop: () => bar.stop(),
  };
}
