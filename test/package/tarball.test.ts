/**
 * What ships, used as its users will: built, packed, unpacked into another project, type-checked there by TypeScript 6
 * and 7 under both ways of resolving modules, and run by plain Node through `import` and through `require`.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { examplesOf } from './markdown.ts';
import { outputOf } from './process.ts';
import { manifest, read, root } from './tree.ts';

const work = mkdtempSync(join(tmpdir(), `${manifest.name}-`));
const consumer = join(work, 'consumer');
const installed = join(consumer, 'node_modules', manifest.name);
const documents = ['README.md', 'CHANGELOG.md', 'CITATION.cff', 'LICENSE'];

const compilers = ['typescript', 'typescript-7'];
const resolutions = { nodenext: 'nodenext', bundler: 'esnext' };

const program = `
import { add, grad, Rng, ShapeError, tensor, type Tensor } from '${manifest.name}';
import * as gpu from '${manifest.name}/gpu';
import * as linalg from '${manifest.name}/linalg';
import * as nn from '${manifest.name}/nn';
import * as sst from '${manifest.name}/sst';

const x: Tensor = tensor([[1, 2], [3, 4]], { dtype: 'float64', requiresGrad: true });
const [dx] = grad(x.matmul(x).sum(), [x]);
const dx0: number = dx.data[0]!;
// @ts-expect-error: an op of two operands
const half = () => add(x);
// @ts-expect-error: no such dtype
const odd = () => x.cast('float31');
const named = [gpu, linalg, nn, sst].every((module) => Object.keys(module).length > 0);
console.log(dx0, new ShapeError('add', 'no') instanceof Error, typeof Rng, named, half.length + odd.length);
`;
const printed = '7 true function true 0\n';

/** The package as `npm publish` would send it: the list of its files, after unpacking it into the consumer. */
async function install(): Promise<string[]> {
  const source = join(work, 'source');
  mkdirSync(installed, { recursive: true });
  for (const path of ['package.json', 'src', ...documents])
    cpSync(root + path, join(source, path), { recursive: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await outputOf(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(source, 'dist')]);
  const report = await outputOf('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', work], {
    cwd: source,
  });
  const [pack] = JSON.parse(report) as { filename: string; files: { path: string }[] }[];
  assert.ok(pack !== undefined);
  await outputOf('tar', ['-xzf', join(work, pack.filename), '-C', installed, '--strip-components=1']);
  return pack.files.map(({ path }) => path);
}

/** A project with the program above and every example of the README. */
function writeConsumer(): void {
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const files = ['program.ts'];
  writeFileSync(join(consumer, 'program.ts'), program);
  for (const { language, code, line } of examplesOf(read('README.md'))) {
    if (!language.startsWith('t')) continue;
    files.push(`readme-${line}.ts`);
    writeFileSync(join(consumer, `readme-${line}.ts`), `${code}\nexport {};\n`);
  }
  for (const [moduleResolution, module] of Object.entries(resolutions)) {
    const checks = { strict: true, skipLibCheck: false, skipDefaultLibCheck: true };
    const compilerOptions = { ...checks, module, moduleResolution, target: 'es2022', types: [] };
    writeFileSync(join(consumer, `${moduleResolution}.json`), JSON.stringify({ compilerOptions, files }));
  }
}

describe('the packed package', () => {
  let packed: readonly string[] = [];
  before(async () => {
    packed = await install();
    writeConsumer();
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  test('the package holds the library and its documents, and nothing of the workshop', () => {
    const unwanted = packed.filter((path) => !/^(dist|src)\/|^package\.json$/.test(path) && !documents.includes(path));
    assert.deepEqual(unwanted, []);
    assert.deepEqual(
      documents.filter((path) => !packed.includes(path)),
      [],
    );
    assert.deepEqual(
      packed.filter((path) => /\.test\.|\.bench\.|^src\/.*\.js$/.test(path)),
      [],
    );
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    );
    const promised = [...targets, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, ''));
    assert.deepEqual(
      promised.filter((path) => !packed.includes(path)),
      [],
    );
  });

  test('it type-checks in another project', async () => {
    const runs = compilers.flatMap((compiler) => Object.keys(resolutions).map((resolution) => [compiler, resolution]));
    const results = await Promise.allSettled(
      runs.map(([compiler = '', resolution = '']) => {
        const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
        const args = [tsc, '-p', `${resolution}.json`, '--outDir', join('out', compiler, resolution)];
        return outputOf(process.execPath, args, { cwd: consumer });
      }),
    );
    assert.deepEqual(
      results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : [])),
      [],
    );
  });

  test('it runs in plain Node, imported and required', async () => {
    const compiled = join(consumer, 'out', 'typescript', 'nodenext', 'program.js');
    const required = join(consumer, 'required.cjs');
    writeFileSync(
      required,
      readFileSync(compiled, 'utf8')
        .replaceAll(/import \* as (\w+) from ('[^']+');/g, 'const $1 = require($2);')
        .replaceAll(/import (\{[^}]+\}) from ('[^']+');/g, 'const $1 = require($2);')
        .replaceAll(/^export .*$/gm, ''),
    );
    assert.equal(await outputOf(process.execPath, [compiled]), printed);
    assert.equal(await outputOf(process.execPath, [required]), printed);
  });

  test('without gpu.js it says how to install it, and everything else works', async () => {
    const alone = join(consumer, 'gpu.mjs');
    writeFileSync(
      alone,
      `import { gpuDevice } from '${manifest.name}/gpu';
      await gpuDevice().catch((error) => console.log(error.name, error.message));`,
    );
    assert.equal(
      await outputOf(process.execPath, [alone]),
      'DeviceError gpuDevice: gpu.js is not installed: npm install gpu.js@2.24.1\n',
    );
    const [command = ''] = Object.values(manifest.bin);
    const said = await outputOf(process.execPath, [join(installed, command), 'doctor']);
    assert.match(said, /cpu \(SIMD\)[\s\S]*gpu: gpuDevice: gpu\.js is not installed: npm install gpu\.js@2\.24\.1/);
  });

  test('its command runs without anything else installed', async () => {
    for (const path of Object.values(manifest.bin))
      assert.match(await outputOf(process.execPath, [join(installed, path), '--help']), new RegExp(manifest.name));
  });
});
