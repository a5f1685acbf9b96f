/** Pictures of the replay page, taken with a Chromium on this machine. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { writeHtml } from './html.ts';
import { tellingPlace } from './telling.ts';

/** Flags for a Chromium that talks to nobody. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is: CHROMIUM_PATH, else Debian's place; undefined when there is none. */
export function chromiumPath(): string | undefined {
  const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}

/** Starts Chromium. Throws when `chromiumPath` finds none. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) {
    throw new Error('There is no Chromium: install the package chromium, or set CHROMIUM_PATH.');
  }
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Waits until the page shows its recording, or says why it cannot. */
export async function waitUntilShown(page: Page): Promise<void> {
  await page.waitForSelector('body[data-state="ready"], body[data-state="failed"]', {
    state: 'attached',
  });
  const failure = await page.textContent('#failure');
  if (failure) throw new Error(`The page cannot show the recording: ${failure}`);
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

export interface ScreenshotOptions {
  readonly recordingPath: string;
  /** PNG file to write. */
  readonly out: string;
  readonly scheme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the picture per CSS pixel. */
  readonly scale?: number;
  /** Location hash such as `#t=3600&e=rack/r2`; the most telling place unless given. */
  readonly place?: string;
  /** The built page; the one in `dist/` unless given. */
  readonly html?: string;
  /** Does something on the page before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Opens a recording's page and writes a picture of it. */
export async function takeScreenshot(options: ScreenshotOptions): Promise<void> {
  const { recordingPath, out, scheme = 'dark', width = 1600, height = 1000, scale = 1 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'strata-page-'));
  const browser = await launchChromium();
  try {
    const file = join(folder, 'replay.html');
    const recording = await readFile(recordingPath);
    await writeFile(file, writeHtml(recording, { page: options.html }));
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
      deviceScaleFactor: scale,
    });
    await page.goto(`${pathToFileURL(file)}${options.place ?? tellingPlace(recording)}`);
    await waitUntilShown(page);
    await options.prepare?.(page);
    await page.screenshot({ path: out });
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}
