import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadRecording } from '../load-recording.ts';
import { integerOption } from '../options.ts';
import { print } from '../terminal.ts';

/** `strata view`: serves the replay page until interrupted. */
export async function command(
  path: string,
  options: { readonly port?: string },
): Promise<ExitCode> {
  const port = options.port === undefined ? 0 : integerOption('--port', options.port, 0, 65_535);
  // Opened first, so that a file that is no recording is said here and not in the browser.
  loadRecording(path);
  const { startServer } = await import('../../viz/server.ts');
  const server = await startServer({ recordingPath: path, port });
  print(`${server.url}\n(stop with Ctrl-C)`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.close();
  return EXIT.ok;
}
