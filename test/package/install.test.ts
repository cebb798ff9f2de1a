/** Installing takes seconds and runs nobody's code: no dependencies, no install scripts, a complete and hostless lock. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { manifest, read, sources } from './tree.ts';

interface Locked {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
const require = createRequire(import.meta.url);

test('the package has no dependencies at run time, and no install scripts', () => {
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
  assert.deepEqual(Object.keys(manifest.optionalDependencies ?? {}), []);
  assert.deepEqual(manifest.bundleDependencies ?? [], []);
  const hooks = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
  assert.deepEqual(
    hooks.filter((hook) => hook in manifest.scripts),
    [],
  );
  assert.match(read('.npmrc'), /^ignore-scripts=true$/m);
});

test('every side effect that the manifest declares is a source file', () => {
  const known = new Set(sources('src'));
  const source = (path: string): string => path.replace(/^\.\//, '').replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
  assert.deepEqual(
    manifest.sideEffects.filter((path) => !known.has(source(path))),
    [],
  );
});

test('the lock names no registry, and holds each package for every platform', () => {
  const located = Object.entries(lock.packages).filter(
    ([, { resolved, link }]) => resolved !== undefined || link === true,
  );
  assert.deepEqual(
    located.map(([path]) => path),
    [],
  );
  assert.doesNotMatch(read('package-lock.json'), /"resolved"|registry/);
  const held = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const absent = Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !held.has(name));
  assert.deepEqual(absent, [], 'npm ci refuses such a lock: remove it and node_modules, and run npm install');
});

test('gpu.js runs without the native packages below it, which are replaced by stubs', () => {
  for (const name of ['gl', 'webgpu']) {
    const held = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
    assert.deepEqual(
      held.map(([path, stub]) => [path, `npm:${stub.name}@${stub.version}`]),
      [[`node_modules/${name}`, manifest.overrides[name]]],
    );
    assert.equal(require(`${name}/package.json`).name, held[0]?.[1].name);
  }
  type Kernel = (values: readonly number[]) => Float32Array;
  type Gpu = { createKernel(source: string, options: { readonly output: readonly number[] }): Kernel };
  const { GPU } = require('gpu.js') as { GPU: new (options: { readonly mode: string }) => Gpu };
  for (const mode of ['cpu', 'webasm']) {
    const double = new GPU({ mode }).createKernel('function (a) { return 2 * a[this.thread.x]; }', { output: [3] });
    assert.deepEqual([...double([1, 2, 4])], [2, 4, 8], mode);
  }
});
