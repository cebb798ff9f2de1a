/**
 * The GPU device: every kernel against its definition, in Node (`cpu`, `webasm`) and in headless Chromium on SwiftShader (`webgl2`, `webgpu`); there
 * also a training, and the loss of the GPU. GPU_MODES and GPU_KERNELS name some of them, with commas.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type GpuMode, gpuDevice } from '../../src/gpu.ts';
import { cpu } from '../../src/tensor/device.ts';
import { realModes } from '../../src/tensor/gpu/gpujs.ts';
import { gpuCases } from '../gpu/cases/all.ts';
import { type ModeStatus, statusPage } from '../gpu/status.ts';
import { trainWithSst } from '../gpu/training.ts';
import { type GpuVerdict, verdictOf } from '../harness/gpuKernel.ts';
import type { GpuPage } from './gpuPage.ts';
import { openSite, type Site } from './site.ts';

type Window = { readonly gpuPage: GpuPage };

const listed = (name: string): readonly string[] => process.env[name]?.split(',') ?? [];
const modes = (
  listed('GPU_MODES').length > 0 ? listed('GPU_MODES') : ['cpu', 'webasm', 'webgl2', 'webgpu']
) as readonly GpuMode[];
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

async function ask<K extends keyof GpuPage>(
  what: K,
  ...args: Parameters<GpuPage[K]>
): Promise<Awaited<ReturnType<GpuPage[K]>>> {
  const page = await site.open('gpu');
  page.on('console', (message) => console.log(message.text()));
  await page.waitForFunction(() => 'gpuPage' in globalThis);
  type Call = (...args: unknown[]) => unknown;
  const found = await page.evaluate(
    ([name, given]) => ((globalThis as unknown as Window).gpuPage[name] as Call)(...given),
    [what, args] as [keyof GpuPage, unknown[]],
  );
  await page.close();
  return found as Awaited<ReturnType<GpuPage[K]>>;
}

const statuses: ModeStatus[] = [];

async function verdicts(mode: GpuMode): Promise<readonly GpuVerdict[]> {
  if (realModes.includes(mode)) return (await ask('kernels', mode, names)).verdicts;
  const gpu = await gpuDevice({ mode });
  const claims = gpuCases.filter(({ name }) => names.length === 0 || names.includes(name));
  const found: GpuVerdict[] = [];
  for (const claim of claims) found.push(await verdictOf(gpu, claim, 1));
  return found;
}

for (const mode of modes)
  test(`kernels agree with their definitions in GPU.js's mode ${mode}`, async (t) => {
    const found = await verdicts(mode);
    statuses.push({ mode, verdicts: found });
    for (const { name, problem, worst } of found)
      await t.test(name, (one) => {
        one.diagnostic(`${worst.toFixed(3)} of the tolerance`);
        assert.equal(problem, null);
      });
    assert.equal(found.length, names.length === 0 ? gpuCases.length : names.length);
  });

if (names.length === 0)
  describe('in a page', () => {
    test('the modes are there, and auto takes the best', async () => {
      const problems = Object.fromEntries((await ask('modes')).map(({ mode, problem }) => [mode, problem]));
      assert.deepEqual([problems.webgpu, problems.webgl2], [null, null]);
    });

    for (const mode of ['webgl2', 'webgpu'] as const)
      test(`an MLP trained with SST in mode ${mode}: the losses are those of the host`, async (t) => {
        const [expected, { losses, info }] = [await trainWithSst(cpu, 50), await ask('losses', mode, 50)];
        for (const [i, loss] of expected.entries())
          assert.ok(Math.abs(losses[i] - loss) <= 1e-3 * loss, `step ${i}: ${losses[i]}, not ${loss}`);
        t.diagnostic(`${info.launches} launches, left to the host: ${Object.keys(info.fallbacks).join(', ')}`);
      });

    for (const mode of ['webgl2', 'webgpu'] as const)
      test(`a GPU that is lost in mode ${mode}: everything asked of it says so, and what was copied before is there`, async () => {
        const { said, kept } = await ask('loss', mode);
        for (const message of said) assert.match(message, new RegExp(`^DeviceError: .*gpu:${mode} is gone`));
        assert.ok(kept);
      });
  });

if (names.length === 0 && modes.length === 4)
  test('docs/gpu-status.md says what ran', () => {
    const page = statusPage(statuses);
    const file = fileURLToPath(new URL('../../docs/gpu-status.md', import.meta.url));
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, page);
    assert.equal(page, readFileSync(file, 'utf8'), 'UPDATE_DOCS=1 npm run test:browser -- gpu writes it');
  });
