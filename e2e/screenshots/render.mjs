// Job summaries as PNG, as GitHub's own page shows them, so that the documentation shows what a run really wrote.
// The browser is the machine's own: CHROMIUM, or the first of BROWSERS in PATH (Debian: apt-get install chromium
// fonts-liberation fonts-noto-color-emoji). The page is offline: what a summary names in the network stays unloaded.
// Usage: npm ci --prefix e2e/screenshots && node e2e/screenshots/render.mjs OUT_FOLDER a.md b.md
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { renderHtml } from './markdown.mjs';
import { drawDiagrams, MERMAID, pageOf } from './page.mjs';

export { renderHtml };

const BROWSERS = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'chromium-headless-shell'];
/** What Playwright does not say itself: a closed network makes a browser that phones home slow. */
const QUIET = ['--disable-quic', '--disable-sync'];

/** GitHub's column for summaries, in CSS pixels. */
const WIDTH = 1012;
/** Longer pages are cut here, in CSS pixels. */
const TALLEST = 3600;
/** Pixels of the picture in one CSS pixel. */
const SCALE = 1;
/** Palettes make a picture of text a third as large, and at this quality no eye sees it. */
const PNG = { palette: true, quality: 80, effort: 10, compressionLevel: 9 };

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function browserOfThisMachine() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (!found) throw new Error(`No browser: set CHROMIUM, or install one of ${BROWSERS.join(', ')}`);
  return found;
}

/** Diagrams drawn, fonts there; returns the height in CSS pixels. */
async function fill(page, { name, markdown, title }) {
  await page.setContent(pageOf(title, await renderHtml(markdown)));
  if (await page.locator('main code.language-mermaid').count()) {
    await page.addScriptTag({ path: MERMAID });
    await page.evaluate(drawDiagrams).catch((error) => {
      throw new Error(`${name}: a mermaid diagram is broken: ${error.message}`, { cause: error });
    });
  }
  const main = page.locator('main');
  const shows = (await main.innerText()).trim() !== '' || (await main.locator('svg, img').count()) > 0;
  if (!shows) throw new Error(`${name}: nothing rendered`);
  return Math.ceil((await page.locator('.box').boundingBox()).height);
}

async function takeScreenshot(browser, summary, folder) {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: 800 },
    deviceScaleFactor: SCALE,
    offline: true,
  });
  try {
    const whole = await fill(page, summary);
    const height = Math.min(whole, TALLEST);
    await page.setViewportSize({ width: WIDTH, height });
    const path = join(folder, `${summary.name}.png`);
    const png = await sharp(await page.screenshot())
      .png(PNG)
      .toBuffer();
    await writeFile(path, png);
    return { path, height, cut: whole > TALLEST, bytes: png.length };
  } finally {
    await page.close();
  }
}

/**
 * Writes FOLDER/NAME.png of each `{ name, markdown, title }`; returns what was written, and whether it had to be cut. Throws where a
 * mermaid diagram is broken or nothing rendered.
 */
export async function takeScreenshots(summaries, folder) {
  await mkdir(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: browserOfThisMachine(), args: QUIET });
  try {
    const written = [];
    for (const summary of summaries) written.push(await takeScreenshot(browser, summary, folder));
    return written;
  } finally {
    await browser.close();
  }
}

async function main([folder, ...files]) {
  if (!files.length) throw new Error('Usage: node e2e/screenshots/render.mjs OUT_FOLDER a.md b.md');
  const summaries = await Promise.all(
    files.map(async (file) => {
      const name = basename(file, '.md');
      return { name, title: `${name} summary`, markdown: await readFile(file, 'utf8') };
    }),
  );
  for (const { path, height, cut, bytes } of await takeScreenshots(summaries, folder))
    console.log(`${path}: ${height} px${cut ? ' (cut)' : ''}, ${(bytes / 1024).toFixed(0)} KB`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
