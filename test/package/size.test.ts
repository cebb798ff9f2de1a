/** Sizes that keep the code readable: a file <= 250 lines, a function <= 40 lines outside kernels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { parse, place, read, sources, walk } from './tree.ts';

const fileLimit = 250;
const functionLimit = 40;

/** Kernels are loops written out for speed, one after the other; splitting them would hide the order of work. */
const isKernel = (path: string): boolean =>
  /^src\/tensor\/(cpu|simd|linalg)\//.test(path) || path.endsWith('.kernel.ts');

/** `describe(…, () => { … })` groups tests: its callback is a chapter, not a function. */
const isChapter = (node: ts.Node): boolean =>
  ts.isCallExpression(node.parent) && /^(describe|suite)\b/.test(node.parent.expression.getText());

/** `place: lines` of every function longer than the limit, its doc comment not counted. */
function longFunctions(file: ts.SourceFile): string[] {
  const long: string[] = [];
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined || isChapter(node)) return;
    const line = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
    const lines = line(node.end) - line(node.getStart()) + 1;
    if (lines > functionLimit) long.push(`${place(file, node)}: ${lines} lines`);
  });
  return long;
}

test(`no file is longer than ${fileLimit} lines`, () => {
  const long = sources('src', 'test', 'bench', 'demo')
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > fileLimit);
  assert.deepEqual(long, []);
});

test(`no function outside kernels is longer than ${functionLimit} lines`, () => {
  const paths = sources('src', 'test', 'bench', 'demo').filter((path) => !isKernel(path));
  assert.deepEqual(
    paths.flatMap((path) => longFunctions(parse(path))),
    [],
  );
});

test('these laws can fail', () => {
  const body = (lines: number): string => `{\n${'  f();\n'.repeat(lines - 2)}}`;
  const count = (text: string): number => longFunctions(parse('src/nn/a.ts', text)).length;
  assert.equal(count(`/**\n * ${'\n * '.repeat(50)}\n */\nexport function g(): void ${body(40)}`), 0);
  assert.equal(count(`export function g(): void ${body(41)}`), 1);
  assert.equal(count(`export const g = (): void => ${body(41)};`), 1);
  assert.equal(count(`class C {\n  get g(): number ${body(41)}\n}`), 1);
  assert.equal(count(`const o = {\n  g() ${body(41)},\n};`), 1);
  assert.equal(count(`describe('g', () => ${body(41)});`), 0);
  assert.ok(isKernel('src/tensor/cpu/matmul.ts') && isKernel('src/sst/spectralForward.kernel.ts'));
  assert.ok(!isKernel('src/tensor/tensor.ts'));
});
