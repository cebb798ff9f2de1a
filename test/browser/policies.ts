/** The library in headless Chromium, under several content security policies. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setSimd } from '../../src/index.ts';
import type { PageReport } from './page.ts';
import { openSite, type Site } from './site.ts';
import { type Work, work } from './work.ts';

const steps = 20;

/** Response headers of each page, by path. */
const pages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  open: {},
  strict: { 'Content-Security-Policy': "default-src 'none'; script-src 'self'" },
  wasm: { 'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" },
  isolated: {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
  },
};

let site: Site;

before(async () => {
  site = await openSite({ script: 'page.ts', pages, flags: ['--disable-gpu'] });
});

after(async () => {
  await site?.close();
});

async function reportOf(name: string): Promise<PageReport> {
  const page = await site.open(name);
  type Window = { report?: PageReport; failure?: string };
  const handle = await page.waitForFunction(
    () => (globalThis as Window).report ?? (globalThis as Window).failure,
    null,
    {
      timeout: 120_000,
    },
  );
  const found = (await handle.jsonValue()) as PageReport | string;
  await page.close();
  if (typeof found === 'string') throw new Error(found);
  console.log(`${name}: ${found.ms.toFixed(0)} ms, simd ${found.info.simd ? 'on' : `off (${found.info.why})`}`);
  return found;
}

function assertSame(found: Work, expected: Work): void {
  for (const key of ['losses', 'values'] as const)
    for (const [i, v] of expected[key].entries())
      assert.ok(Math.abs(found[key][i] - v) <= 1e-4 * Math.abs(v) + 1e-7, `${key} ${i}: ${found[key][i]}, not ${v}`);
}

test('a page without a policy runs SIMD kernels, and agrees with Node', async () => {
  const found = await reportOf('open');
  assert.equal(found.info.simd, true, `${found.info.why}`);
  assertSame(found, await work(steps));
  assert.equal(typeof found.threaded, 'string', 'threads need an isolated page');
  assert.match(`${found.threaded}`, /DeviceError.*isolated/);
});

test('a policy that forbids WebAssembly: plain loops, the same results, and a reason', async () => {
  const found = await reportOf('strict');
  assert.equal(found.info.simd, false, 'compiled against the policy');
  assert.match(`${found.info.why}`, /not allowed/);
  setSimd(false);
  assertSame(found, await work(steps));
  setSimd(true);
  assert.match(`${found.threaded}`, /DeviceError/);
});

test("'wasm-unsafe-eval' is all that SIMD needs", async () => {
  const found = await reportOf('wasm');
  assert.equal(found.info.simd, true, `${found.info.why}`);
  assertSame(found, await work(steps));
});

test('an isolated page has threads, with the same bits', async () => {
  const found = await reportOf('isolated');
  assert.equal(found.info.simd, true, `${found.info.why}`);
  if (typeof found.threaded === 'string') assert.fail(found.threaded);
  assert.deepEqual(found.threaded, { losses: found.losses, values: found.values });
});
