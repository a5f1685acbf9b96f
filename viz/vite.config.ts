/** Builds the replay page into one file: `dist/viz/page/index.html`, with a place for a recording. */
import { defineConfig } from 'vite';
import { singleFile } from './single-file.ts';

export default defineConfig({
  root: new URL('./page', import.meta.url).pathname,
  logLevel: 'warn',
  plugins: [singleFile()],
  build: {
    outDir: new URL('../dist/viz/page', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 600,
  },
});
