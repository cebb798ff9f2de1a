/** What the documents say is so: examples run and print what stands below them, commands and files exist. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { build, type Plugin } from 'esbuild';
import { anchorsOf, commandLinesOf, type Example, examplesOf, linksOf, npmCommandsOf, pathsOf } from './markdown.ts';
import { outputOf } from './process.ts';
import { entryPoints, manifest, read, root } from './tree.ts';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(`${root}docs`).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** Resolves `spectragrad/nn` to its source file. */
const fromSource: Plugin = {
  name: 'from-source',
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^${manifest.name}(/|$)`) }, ({ path }) => {
      const source = entryPoints.get(path);
      return source === undefined ? { errors: [{ text: `'${path}' is not an entry point` }] } : { path: root + source };
    });
  },
};

/** Standard output of a program given as a text that imports the package by its name. */
async function runExample({ code, language }: Pick<Example, 'code' | 'language'>): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: language.startsWith('t') ? 'ts' : 'js', resolveDir: root },
    plugins: [fromSource],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'silent',
  });
  return outputOf(process.execPath, ['--input-type=module'], { input: outputFiles[0]?.text ?? '' });
}

for (const path of ['README.md', 'docs/from-pytorch.md'])
  test(`every example of ${path} runs and prints what it says`, async () => {
    const examples = examplesOf(read(path)).filter(({ flags }) => !flags.includes('no-run'));
    assert.ok(examples.length > 0, `${path} has no example`);
    await Promise.all(
      examples.map(async (example) => {
        const printed = await runExample(example);
        if (example.output !== undefined) assert.equal(printed, example.output, `${path}:${example.line}`);
      }),
    );
  });

test('every npm command that a document names exists', () => {
  const builtin = new Set(['ci', 'install', 'pack', 'publish']);
  const lifecycle = new Set(['start', 'test']);
  const unknown = documents.flatMap((path) =>
    commandLinesOf(read(path))
      .flatMap(npmCommandsOf)
      .filter((command) => {
        const [first = '', script = first] = command.split(' ');
        return first === script
          ? !builtin.has(first) && !(lifecycle.has(first) && first in manifest.scripts)
          : !(script in manifest.scripts);
      })
      .map((command) => `${path}: npm ${command}`),
  );
  assert.deepEqual(unknown, []);
});

test('every script that package.json composes from others exists', () => {
  const used = Object.values(manifest.scripts).flatMap(npmCommandsOf);
  const missing = used.map((command) => command.replace(/^run /, '')).filter((script) => !(script in manifest.scripts));
  assert.deepEqual(missing, []);
});

test('every file, folder and heading that a document points to exists', () => {
  const broken = documents.flatMap((path) => {
    const text = read(path);
    const linked = linksOf(text).filter((target) => !/^(https?|mailto):/.test(target));
    const missing = linked.filter((target) => {
      const [file = '', anchor] = target.split('#');
      const full = file === '' ? path : posix.join(posix.dirname(path), file);
      return !existsSync(root + full) || (anchor !== undefined && !anchorsOf(read(full)).includes(anchor));
    });
    // Links go from the document; a path in backticks is one of the repository.
    const gone = pathsOf(text).filter((target) => !existsSync(root + target));
    return [...missing, ...gone].map((target) => `${path}: ${target}`);
  });
  assert.deepEqual(broken, []);
});

test('the documents speak of the version in package.json', () => {
  const [, released] = /^## \[(\d[^\]]*)\]/m.exec(read('CHANGELOG.md')) ?? [];
  const [, cited] = /^version: (.*)$/m.exec(read('CITATION.cff')) ?? [];
  assert.deepEqual([released, cited], [manifest.version, manifest.version]);
});

test('these laws can fail', async () => {
  const text =
    '# A b: `c`\n\n[x](gone.md "t") [y](#a-b-c) `src/x/<n>.ts` `src/gone.ts`\n\n```ts\nlet a = 1;\n```\n\n```text\n1\n```\n';
  const [example] = examplesOf(text);
  assert.deepEqual([example?.code, example?.output, example?.line], ['let a = 1;\n', '1\n', 5]);
  assert.deepEqual(linksOf(text), ['gone.md', '#a-b-c']);
  assert.deepEqual(anchorsOf(text), ['a-b-c']);
  assert.deepEqual(pathsOf(text), ['src/gone.ts']);
  const commands = 'The npm package: `npm ci && npm run build`\n\n```sh\nnpm start\n```\n';
  assert.deepEqual(commandLinesOf(commands).flatMap(npmCommandsOf), ['ci', 'run build', 'start']);
  assert.equal(await runExample({ code: 'const a: number = 2; console.log(a);', language: 'ts' }), '2\n');
  await assert.rejects(runExample({ code: 'throw new Error("no");', language: 'js' }));
  await assert.rejects(runExample({ code: `import '${manifest.name}/none';`, language: 'js' }));
});
