/** The page in a real Chromium: what it shows is read off as a person would. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../engine/recording/decode.ts';
import { ROLE } from '../../engine/recording/format.ts';
import { writeHtml } from '../../viz/html.ts';
import {
  chromiumPath,
  launchChromium,
  takeScreenshot,
  waitUntilShown,
} from '../../viz/screenshot.ts';
import { startServer } from '../../viz/server.ts';
import { recordBytes, Scribe } from '../recording/build.ts';
import { buildPage } from './page.ts';
import { SMALL } from './synthetic.ts';
import { syntheticRecording } from './synthetic-day.ts';

const isMissing = chromiumPath() === undefined;
if (isMissing) {
  const message = 'There is no Chromium here (apt-get install chromium, or set CHROMIUM_PATH)';
  if (process.env['CI'] === 'true') throw new Error(`${message}; CI must run these tests.`);
  console.warn(`SKIPPED: the tests of the replay page in a browser. ${message}.`);
}

/** When rack r2 fails in the synthetic day, and when it is back. */
const RACK_FAILS_S = 0.55 * SMALL.duration_s;
const RACK_BACK_S = 0.574 * SMALL.duration_s;
/** Where the timeline begins and ends within its box. */
const TIMELINE = { left: 148, right: 32 };

describe.skipIf(isMissing)('the replay page', () => {
  let browser: Browser;
  let folder = '';
  let html = '';
  let file = '';
  let page: Page;
  let complaints: string[] = [];
  let requests: string[] = [];
  const recording = syntheticRecording(SMALL);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-browser-'));
    html = await buildPage();
    file = await write('day.html', recording);
    browser = await launchChromium();
  });

  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page?.context().close();
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  async function write(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, writeHtml(bytes, { page: html }));
    return pathToFileURL(path).href;
  }

  /** Opens an address and listens for anything the page asks for or complains about. */
  async function load(url: string, viewport = { width: 1500, height: 950 }): Promise<void> {
    const context = await browser.newContext({ viewport });
    page = await context.newPage();
    complaints = [];
    requests = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    await waitUntilShown(page);
  }

  const settle = () =>
    page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  const read = async (selector: string | Locator) => {
    const found = typeof selector === 'string' ? page.locator(selector) : selector;
    return (await found.allInnerTexts()).join(' ').replace(/\s+/g, ' ').trim();
  };

  async function scrubTo(time_s: number): Promise<void> {
    const box = (await page.locator('#timeline').boundingBox())!;
    const width = box.width - TIMELINE.left - TIMELINE.right;
    const x = box.x + TIMELINE.left + (time_s / SMALL.duration_s) * width;
    await page.mouse.move(box.x + TIMELINE.left + 5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(x, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await settle();
  }

  async function choose(name: string): Promise<void> {
    await page.keyboard.press('/');
    await page.locator('#search').fill(name);
    await page.keyboard.press('Enter');
    await settle();
  }

  it('asks the network for nothing', async () => {
    await load(file);
    expect(requests).toEqual([file]);
  });

  it('opens at the moment when most was out of service', async () => {
    await load(file);
    expect(await read('#scenario')).toBe('synthetic-cloud');
    const now_s = Number(await page.locator('#timeline').getAttribute('aria-valuenow'));
    expect(now_s).toBeGreaterThan(RACK_FAILS_S);
    expect(now_s).toBeLessThan(RACK_BACK_S);
    expect(await page.locator('.stratum-0 .tally').textContent()).toContain('52 failed');
  });

  it('shows the state of an entity before, in and after a fault, as the timeline is scrubbed', async () => {
    await load(file);
    await choose('server/vm-r2-n3-2');
    // The page draws in its own time after the pointer has moved.
    const state = () => expect.poll(() => read('#detail .state-line'));
    await scrubTo(RACK_FAILS_S - 3600);
    await state().toMatch(/^active stable, serving/);
    await scrubTo((RACK_FAILS_S + RACK_BACK_S) / 2);
    await state().toMatch(/^error failed, not serving/);
    await scrubTo(RACK_BACK_S + 3600);
    await state().toMatch(/^active stable, serving/);
  });

  it('tells under the pointer why an entity failed, and draws the way from the root', async () => {
    await load(`${file}#t=${RACK_FAILS_S + 600}&e=pod/auth-26`);
    const cell = (await page.locator('#overlay .pinned').boundingBox())!;
    await page.keyboard.press('Escape');
    await page.mouse.move(cell.x + cell.width / 2, cell.y + cell.height / 2);
    await settle();
    const names = await page.locator('#tooltip .chain .who').allInnerTexts();
    expect(names[0]).toBe('pod/auth-26');
    expect(names.at(-1)).toBe('rack/r2');
    expect(await read('#tooltip .chain .root')).toContain('the feed of the rack tripped');
    expect(await page.locator('#overlay .chain.trouble circle.root').count()).toBe(1);
    expect(await page.locator('#overlay .providers path').count()).toBeGreaterThan(2);
  });

  it('lists the incidents with what they took in each layer, and goes to one', async () => {
    await load(file);
    const incidents = page.locator('#incident-list .incident');
    expect(await incidents.count()).toBe(6);
    const rack = incidents.nth(3);
    expect(await read(rack)).toMatch(/^13:12:00 rack\/r2 fail whole \+40m 41s .*52 32 48/);
    await rack.click();
    await settle();
    expect(await page.locator('#timeline').getAttribute('aria-valuenow')).toBe(
      String(RACK_FAILS_S),
    );
    expect(await read('#detail-name')).toBe('rack/r2');
    expect(await page.locator('#overlay .dependents path').count()).toBeGreaterThan(3);
  });

  it('scrolls to what is chosen when the window is low, and only then', async () => {
    await load(file, { width: 1100, height: 420 });
    const scrolled = () => page.locator('#strata').evaluate((box) => box.scrollTop);
    await choose('rack/r2');
    await expect.poll(scrolled).toBeGreaterThan(0);
    const [cell, box] = [
      (await page.locator('#overlay .pinned').boundingBox())!,
      (await page.locator('#strata').boundingBox())!,
    ];
    expect(cell.y).toBeGreaterThanOrEqual(box.y);
    expect(cell.y + cell.height).toBeLessThanOrEqual(box.y + box.height);
    const before = await scrolled();
    await choose('rack/r1');
    expect(await scrolled()).toBe(before);
  });

  it('counts transitions as the report does', async () => {
    await load(file);
    const { batches, roles } = openRecording(recording);
    const ofAll = batches.flatMap(({ event, length }) => [...event.subarray(0, length)]);
    const transitions = ofAll.filter((event) => roles[event] === ROLE.transition).length;
    expect(await read('#facts')).toContain(`${transitions.toLocaleString('en-US')} transitions`);
  });

  it('plays, pauses and steps by the keyboard', async () => {
    await load(`${file}#t=1000`);
    await page.keyboard.press(' ');
    await page.waitForFunction(
      () => Number(document.querySelector('#timeline')!.getAttribute('aria-valuenow')) > 1200,
    );
    await page.keyboard.press(' ');
    await settle();
    const paused = await read('#clock');
    await settle();
    expect(await read('#clock')).toBe(paused);
    await page.keyboard.press('Shift+ArrowRight');
    await settle();
    expect(await read('#clock')).toBe('02:52:48.000');
    await page.keyboard.press('ArrowRight');
    await settle();
    expect((await read('#clock')) > '02:52:48.000').toBe(true);
    await page.keyboard.press('ArrowLeft');
    await settle();
    expect(await read('#clock')).toBe('02:52:48.000');
  });

  it('moves from cell to cell by the keyboard and keeps one', async () => {
    await load(`${file}#t=${RACK_FAILS_S - 60}`);
    await page.locator('#strata').focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await settle();
    const pointed = await read('#tooltip h2');
    expect(await read('#announcer')).toContain(pointed);
    await page.keyboard.press('Enter');
    await settle();
    expect(await read('#detail-name')).toBe(pointed);
    await page.keyboard.press('Escape');
    await settle();
    expect(await page.locator('#detail-name').count()).toBe(0);
  });

  it('shows one layer, and everything again', async () => {
    await load(file);
    await page.selectOption('#filter', 'layer:sds');
    await settle();
    expect(await page.locator('g.heading .kind').allTextContents()).toEqual([
      'mon',
      'osd',
      'pool',
      'pg',
      'rbd-image',
    ]);
    await page.keyboard.press('Escape');
    await page.selectOption('#filter', '');
    await settle();
    expect(await page.locator('g.heading').count()).toBeGreaterThan(20);
  });

  it('writes the place into its address', async () => {
    await load(file);
    await choose('osd/osd.7');
    await page.waitForFunction(() => location.hash.endsWith('e=osd/osd.7'));
    expect(page.url()).toMatch(/#t=[\d.]+&e=osd\/osd\.7$/);
  });

  it('fits a narrow window', async () => {
    await load(file, { width: 420, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('shows names as text, whatever they are', async () => {
    const name = `"><img src=x onerror="document.title='run'"></script><script>document.title='run'</script>`;
    const bytes = recordBytes((r) => {
      const s = new Scribe(r);
      const disk = s.create(0, name, 'disk/ok');
      s.move(5, disk, 'fail', 'disk/failed');
    });
    await load(`${await write('names.html', bytes)}#t=6`);
    await choose('img src');
    expect(await read('#detail-name')).toBe(`disk/${name}`);
    expect(await page.title()).toBe('made-up · Strata');
    expect(requests).toHaveLength(1);
  });

  it('says what is wrong with a file that is no recording', async () => {
    const path = await write('broken.html', new TextEncoder().encode('ARROW1 but no more'));
    await expect(load(path)).rejects.toThrow(/cannot show the recording/);
    expect(await page.locator('#cover').isVisible()).toBe(true);
  });

  it('is served with its recording', async () => {
    const recordingPath = join(folder, 'day.arrow');
    await writeFile(recordingPath, recording);
    const server = await startServer({ recordingPath, page: html });
    try {
      await load(server.url);
      expect(await read('#scenario')).toBe('synthetic-cloud');
      expect(requests).toEqual([server.url, `${server.url}recording`]);
    } finally {
      await server.close();
    }
  });

  it('has its picture taken', async () => {
    // STRATA_PICTURE_OF=FILE.arrow makes the picture of the README from that recording.
    const wanted = process.env['STRATA_PICTURE_OF'];
    const recordingPath = wanted ?? join(folder, 'picture.arrow');
    if (!wanted) await writeFile(recordingPath, recording);
    const readme = fileURLToPath(new URL('../../docs/images/replay.png', import.meta.url));
    const out = wanted ? readme : join(folder, 'replay.png');
    await takeScreenshot({ recordingPath, out, html });
    const png = await readFile(out);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(30_000);
    complaints = [];
  });
});
