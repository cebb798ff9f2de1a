/**
 * The GPU device in headless Chromium, on SwiftShader: every kernel against its definition in the modes `webgl2` and `webgpu`. GPU_MODES and
 * GPU_KERNELS name some of them, with commas.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { GpuMode } from '../../src/gpu.ts';
import { gpuCases } from '../gpu/cases/all.ts';
import type { GpuPage } from './gpuPage.ts';
import { openSite, type Site } from './site.ts';

type Window = { readonly gpuPage: GpuPage };

const listed = (name: string): readonly string[] => process.env[name]?.split(',') ?? [];
const modes = (listed('GPU_MODES').length > 0 ? listed('GPU_MODES') : ['webgl2', 'webgpu']) as readonly GpuMode[];
const names = listed('GPU_KERNELS');

let site: Site;

before(async () => {
  site = await openSite({
    script: 'gpuPage.ts',
    pages: {},
    flags: [
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
});

after(async () => {
  await site?.close();
});

for (const mode of modes)
  describe(`kernels in GPU.js's mode ${mode}`, async () => {
    test('agree with their definitions', async (t) => {
      const page = await site.open('gpu');
      page.on('console', (message) => console.log(`${mode}: ${message.text()}`));
      const ask = ([m, n]: [GpuMode, readonly string[]]) => (globalThis as unknown as Window).gpuPage.kernels(m, n);
      await page.waitForFunction(() => 'gpuPage' in globalThis);
      const { verdicts, info } = await page.evaluate(ask, [mode, names] as [GpuMode, readonly string[]]);
      await page.close();
      t.diagnostic(`${mode}: ${info.kernels} kernels compiled, ${info.launches} launched`);
      for (const { name, problem, worst } of verdicts)
        await t.test(name, (one) => {
          one.diagnostic(`${worst.toFixed(3)} of the tolerance`);
          assert.equal(problem, null);
        });
      assert.equal(verdicts.length, names.length === 0 ? gpuCases.length : names.length);
    });
  });
