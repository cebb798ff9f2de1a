/** What a web page downloads: the bundles of the entry points stay small, need no Node, and shed what is not used. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { entryPoints, manifest, root } from './tree.ts';

/** Bytes minified and gzipped, of everything in `.`. A change that needs more raises a budget, in the same commit and on purpose. */
const budget = 86_000;
/** Of a program that trains a perceptron, SIMD kernels included. */
const programBudget = 58_500;

/** A program bundled for browsers and minified. Node's modules do not exist there, so an import of one fails the build. */
const settings = (program: string) =>
  ({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['gpu.js'] as string[],
    write: false,
    logLevel: 'silent',
  }) as const;

async function bundle(program: string): Promise<{ readonly bytes: number; readonly gzipped: number }> {
  const { outputFiles } = await build(settings(program));
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { bytes: code.length, gzipped: gzipSync(code).length };
}

const everything = (source: string): string => `export * from './${source}';`;
const present = [...entryPoints].filter(([, source]) => existsSync(root + source));

test('every entry point bundles for browsers, and the core keeps to its budget', async (context) => {
  const sizes = await Promise.all(present.map(([, source]) => bundle(everything(source))));
  for (const [i, [name]] of present.entries())
    context.diagnostic(`${name}: ${sizes[i]?.bytes} bytes minified, ${sizes[i]?.gzipped} gzipped`);
  const core = sizes[present.findIndex(([name]) => name === manifest.name)];
  assert.ok(core !== undefined && core.gzipped <= budget, `${manifest.name} is ${core?.gzipped} bytes gzipped`);
});

test('an op brings in only the ops and kernels that it uses', async (context) => {
  const all = await bundle(everything('src/index.ts'));
  const add = await bundle(`
    import { add } from './src/autograd/ops/arithmetic.ts';
    import { tensor } from './src/tensor/create.ts';
    console.log(add(tensor([1]), tensor([2])).data);`);
  context.diagnostic(`tensor and add: ${add.bytes} of ${all.bytes} bytes`);
  assert.ok(add.bytes < all.bytes / 2);
});

test('a program that trains a perceptron keeps to its budget, and holds no kernel of attention, sparse products or patches', async (context) => {
  const program = await bundle(`
    import { crossEntropy, Rng, tensor } from './src/index.ts';
    import { adam, fit, Linear, ReLU, Sequential } from './src/nn/index.ts';
    console.log(crossEntropy, Rng, tensor, adam, fit, Linear, ReLU, Sequential);`);
  context.diagnostic(`${program.bytes} bytes minified, ${program.gzipped} gzipped`);
  assert.ok(program.gzipped <= programBudget, `${program.gzipped} bytes gzipped`);
  const { bytes } = await bundle(
    "import './src/tensor/simd/lay/attention.ts';\nimport './src/tensor/simd/lay/sparse.ts';",
  );
  assert.ok(bytes > 10_000, 'what falls away is worth it');
});

test('an entry point brings in the methods of Tensor, the SIMD kernels, what is used, and nothing else', async (context) => {
  const both = await bundle("import './src/autograd/methods.ts';\nimport './src/tensor/simd/install.ts';");
  context.diagnostic(`methods and SIMD kernels: ${both.bytes} bytes`);
  const uses = { add: 'src/index.ts', Linear: 'src/nn/index.ts', spectralLinear: 'src/sst/index.ts' };
  for (const [name, source] of Object.entries(uses)) {
    const { bytes } = await bundle(`import { ${name} } from './${source}';\nconsole.log(${name});`);
    context.diagnostic(`${name} of ${source}: ${bytes} bytes`);
    assert.ok(bytes > both.bytes - 1000 && bytes < both.bytes * 1.1, `${name}: ${bytes} bytes`);
  }
});

test('nothing of the GPU device comes with any other entry point', async () => {
  for (const [name, source] of present) {
    const { metafile } = await build({ ...settings(everything(source)), metafile: true });
    const gpu = Object.keys(metafile.inputs).filter((path) => /src\/tensor\/gpu\/|\/gpu\.ts$|gpu\.js/.test(path));
    assert.equal(gpu.length > 0, name === `${manifest.name}/gpu`, `${name}: ${gpu.join(', ')}`);
  }
});

test('these laws can fail', async () => {
  await assert.rejects(bundle("import { readFileSync } from 'node:fs';\nconsole.log(readFileSync);"));
  const big = await bundle(`export const text = '${Array.from({ length: 5000 }, (_, i) => i ** 7).join()}';`);
  assert.ok(big.gzipped > 20_000 && big.gzipped < big.bytes);
});
