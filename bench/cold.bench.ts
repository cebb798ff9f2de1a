/**
 * Cold start: a fresh process imports the library, built and as one minified file, and computes a product of 128³ twice. Medians
 * over processes started in turn; the size of the whole of `.`, minified and gzipped. Writes bench/results/cold.json.
 *
 *     npm run bench -- cold
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { columns, median, option, save } from './measure.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cold-'));

/** Bytes of a minified bundle of some text that imports from the library's source. */
function bundle(contents: string, outfile: string): { bytes: number; gzipped: number } {
  const stdin = { contents, resolveDir: `${root}src` };
  const target = { format: 'esm', platform: 'neutral', target: 'es2022' } as const;
  const external = ['node:*'];
  const { outputFiles } = buildSync({
    stdin,
    ...target,
    external,
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'error',
  });
  const text = outputFiles[0].contents;
  writeFileSync(outfile, text);
  return { bytes: statSync(outfile).size, gzipped: gzipSync(text, { level: 9 }).length };
}

/** What a process does: it is timed from before the import. */
const program = (url: string): string => `
  const t0 = performance.now();
  const { matmul, randn, Rng } = await import(${JSON.stringify(url)});
  const t1 = performance.now();
  const a = randn([128, 128], new Rng(1));
  const t2 = performance.now();
  matmul(a, a);
  const t3 = performance.now();
  matmul(a, a);
  const t4 = performance.now();
  console.log(JSON.stringify([t1 - t0, t3 - t2, t4 - t3]));
`;

/** Milliseconds of importing, of the first product and of the second. */
function start(file: string, environment: Readonly<Record<string, string>>): number[] {
  const args = ['--input-type=module', '-e', program(pathToFileURL(file).href)];
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as number[];
}

try {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const compiler = [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`];
  const code = ['--noCheck', '--declaration', 'false', '--declarationMap', 'false', '--isolatedDeclarations', 'false'];
  const args = [...compiler, ...code, '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const minified = join(folder, 'index.min.js');
  const sizes = {
    "export * from '.'": bundle("export * from './index.ts'", minified),
    'one product': bundle("export { matmul, tensor } from './index.ts'", join(folder, 'product.js')),
    'training a perceptron': bundle(
      "export { crossEntropy, Rng, tensor } from './index.ts'; export { adam, fit, Linear, ReLU, Sequential } from './nn/index.ts'",
      join(folder, 'training.js'),
    ),
  };
  const ways: Readonly<Record<string, [file: string, environment: Readonly<Record<string, string>>]>> = {
    'built files': [join(folder, 'dist/index.js'), {}],
    'one minified file': [minified, {}],
    'one minified file, SPECTRAGRAD_SIMD=0': [minified, { SPECTRAGRAD_SIMD: '0' }],
  };
  const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[][]]));
  for (let round = 0; round < option('rounds', 15); round++)
    for (const [name, [file, environment]] of Object.entries(ways)) samples[name].push(start(file, environment));
  const results = Object.entries(samples).map(([way, found]) => {
    const [imported, first, second] = [0, 1, 2].map((i) => median(found.map((ms) => ms[i])));
    return { way, imported, first, second };
  });
  const lines = results.map(({ way, imported, first, second }) => [
    way,
    ...[imported, first, second].map((ms) => ms.toFixed(2)),
  ]);
  console.log(`${columns([['ms', 'import', 'first 128³', 'second'], ...lines])}\n`);
  const bytes = Object.entries(sizes).map(([name, { bytes, gzipped }]) => [name, String(bytes), String(gzipped)]);
  console.log(columns([['bytes', 'minified', 'gzipped'], ...bytes]));
  save('cold', { command: 'npm run bench -- cold', results, sizes });
} finally {
  rmSync(folder, { recursive: true });
}
