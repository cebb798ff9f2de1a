/** Values and gradients of PyTorch, op by op, in float64: `make.py` says what was asked, the JSON beside it what came. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disagreements } from './disagreements.ts';
import { assertCase, family } from './golden.ts';
import { table } from './table.ts';

const families = ['pointwise', 'reductions', 'shape', 'products', 'fused', 'linalg'];
const cases = families.map((name) => [name, family(name)] as const);

for (const [name, list] of cases)
  describe(`${name} as in PyTorch`, () => {
    for (const one of list)
      test(one.name, () => {
        assert.ok(Object.hasOwn(table, one.op), `table.ts has no row for ${one.op}`);
        assertCase(table[one.op], one, disagreements[one.name]?.numbers);
      });
  });

test('every row of the table has a case', () => {
  const ops = new Set(cases.flatMap(([, list]) => list.map(({ op }) => op)));
  assert.deepEqual(
    Object.keys(table).filter((op) => !ops.has(op)),
    [],
  );
});

test('every disagreement is about a case, and says why', () => {
  const names = new Set(cases.flatMap(([, list]) => list.map((one) => one.name)));
  for (const [name, { numbers, why }] of Object.entries(disagreements))
    assert.ok(names.has(name) && numbers.length > 0 && why.length > 20, name);
});
