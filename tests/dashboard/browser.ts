/** Debian's Chromium, driven by playwright-core. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

const folder = resolve(import.meta.dirname, '../../test-output/dashboard');

export async function openBrowser(): Promise<Browser> {
  const executablePath = '/usr/bin/chromium';
  return await chromium
    .launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
    .catch((error: Error) => {
      throw new Error(`Chromium does not start (apt-get install chromium): ${error.message}`);
    });
}

export interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

export const looks: readonly Look[] = [
  { width: 360, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
];

/** Keeps a picture of the whole page for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** The page in every look; the picture of each is kept. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  for (const { width, colorScheme } of looks) {
    await page.setViewportSize({ width, height: width < 500 ? 780 : 900 });
    await page.emulateMedia({ colorScheme });
    await keepPicture(page, `${name}-${width}-${colorScheme}`);
  }
}

/** How far the page is wider than the window: 0 when nothing has to be moved sideways. */
export async function overhang(page: Page): Promise<number> {
  return await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}

/** What a reader sees of it: hidden parts left out. */
export async function seen(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden must not count
  return await locator.innerText();
}

/** The background of the page, as the browser paints it. */
export async function pageBackground(page: Page): Promise<string> {
  return await page.evaluate('getComputedStyle(document.body).backgroundColor');
}
