import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

function findChromium(): string {
  for (const name of [process.env.CHROMIUM, 'chromium', 'google-chrome', 'chromium-browser'])
    if (name !== undefined)
      try {
        return execFileSync('which', [name], { encoding: 'utf8' }).trim();
      } catch {
        // The next one may be there.
      }
  throw new Error('There is no Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM.');
}

const quiet = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];

/** What is served and looked at. */
export interface SiteOptions {
  /** The script of every page, a file of this folder. */
  readonly script: string;
  /** Response headers of each page, by its path. */
  readonly pages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Flags for Chromium. */
  readonly flags: readonly string[];
}

/** Pages in headless Chromium, served from this machine. */
export interface Site {
  open(name: string): Promise<Page>;
  close(): Promise<void>;
}

/** Bundle a script, serve it in pages, and start Chromium. */
export async function openSite({ script, pages, flags }: SiteOptions): Promise<Site> {
  const entry = fileURLToPath(new URL(script, import.meta.url));
  const bundle = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm', target: 'es2022' });
  const text = bundle.outputFiles[0].text;
  const server = createServer(({ url = '' }, response) => {
    const name = url.slice(1);
    if (name === 'page.js') response.setHeader('Content-Type', 'text/javascript').end(text);
    else {
      for (const [header, value] of Object.entries(pages[name] ?? {})) response.setHeader(header, value);
      response
        .setHeader('Content-Type', 'text/html')
        .end('<!doctype html><script type="module" src="/page.js"></script>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser: Browser = await chromium.launch({ executablePath: findChromium(), args: [...quiet, ...flags] });
  return {
    async open(name) {
      const page = await browser.newPage();
      const { port } = server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/${name}`);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
