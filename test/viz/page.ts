/** The page, built in memory from its sources, so that a test never looks at an older build. */
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

export async function buildPage(): Promise<string> {
  const configFile = fileURLToPath(new URL('../../viz/vite.config.ts', import.meta.url));
  const result = (await build({ configFile, build: { write: false } })) as Rolldown.RolldownOutput;
  const page = result.output.find(({ fileName }) => fileName === 'index.html');
  if (page?.type !== 'asset') throw new Error('The build gave no index.html.');
  return String(page.source);
}
