/** Every op is under the law: whatever `defineOp` made and a module exports is passed to `checkOp` by a test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { parse, sources, walk } from './tree.ts';

/** Export name -> the name in its record, of every op in the modules. */
function opsIn(modules: readonly Record<string, unknown>[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of modules.flatMap((module) => Object.entries(module))) {
    if (typeof value !== 'function' || !('record' in value)) continue;
    const record = value.record as { readonly name?: string; readonly forward?: unknown };
    if (typeof record.forward === 'function') found.set(name, record.name ?? '');
  }
  return found;
}

const isCheck = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'checkOp';

/**
 * The names a test file passes to `checkOp`: as its first argument, or, when that is a variable of the file
 * (`for (const op of [add, mul]) checkOp(op)`), as elements of its array literals. An import is known by its own name.
 */
function checkedIn(file: ts.SourceFile): string[] {
  const imported = new Map<string, string>();
  const [direct, listed] = [new Set<string>(), new Set<string>()];
  walk(file, (node) => {
    if (ts.isImportSpecifier(node)) imported.set(node.name.text, (node.propertyName ?? node.name).text);
    else if (isCheck(node) && node.arguments[0] && ts.isIdentifier(node.arguments[0]))
      direct.add(node.arguments[0].text);
    else if (ts.isArrayLiteralExpression(node))
      for (const element of node.elements) if (ts.isIdentifier(element)) listed.add(element.text);
  });
  const throughLists = [...direct].some((name) => !imported.has(name));
  const names = [...direct, ...(throughLists ? listed : [])];
  return names.map((name) => imported.get(name)).filter((name) => name !== undefined);
}

const modules = await Promise.all(
  sources('src')
    .filter((path) => !path.startsWith('src/lab/') && path !== 'src/cli.ts')
    .map((path) => import(new URL(`../../${path}`, import.meta.url).href) as Promise<Record<string, unknown>>),
);

test('every op is passed to checkOp', () => {
  const ops = opsIn(modules);
  assert.ok(ops.size > 0);
  const checked = new Set(sources('test').flatMap((path) => checkedIn(parse(path))));
  assert.deepEqual([...ops.keys()].filter((name) => !checked.has(name)).sort(), []);
});

test('an op is exported under the name that its errors give', () => {
  assert.deepEqual(
    [...opsIn(modules)].filter(([name, recorded]) => name !== recorded),
    [],
  );
});

test('these laws can fail', () => {
  const op = Object.assign(() => 0, { record: { name: 'tan', forward: () => 0 } });
  assert.deepEqual([...opsIn([{ tangent: op, pi: 3, f: () => 0 }])], [['tangent', 'tan']]);
  const names = (text: string): string[] => checkedIn(parse('a.test.ts', text));
  const head = "import { add, mul as times, sub } from '../src/index.ts';\n";
  assert.deepEqual(names(`${head}checkOp(add); check(sub);`), ['add']);
  assert.deepEqual(names(`${head}checkOp(times, { attrs: [sub] });`), ['mul']);
  assert.deepEqual(names(`${head}for (const op of [add, times]) checkOp(op);`), ['add', 'mul']);
  assert.deepEqual(names(`${head}const list = [add];\nfor (const op of list) check(op);`), []);
});
