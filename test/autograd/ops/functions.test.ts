/** How exactly the functions are computed, held against 60 digits (test/golden/functions.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sigmoid, silu, tanh } from '../../../src/autograd/ops/activation.ts';
import { exp, expm1, log, log1p, log2, rsqrt, sqrt } from '../../../src/autograd/ops/exponential.ts';
import { pow } from '../../../src/autograd/ops/power.ts';
import { logSigmoid, mish, softplus } from '../../../src/autograd/ops/softplus.ts';
import * as trigonometric from '../../../src/autograd/ops/trigonometric.ts';
import { type Tensor, tensor } from '../../../src/index.ts';

type Cases = readonly (readonly [operands: readonly number[], value: number])[];

const path = new URL('../../golden/functions.json', import.meta.url);
const table: Readonly<Record<string, Cases>> = JSON.parse(readFileSync(path, 'utf8'));

const functions: Readonly<Record<string, (...xs: readonly [Tensor, Tensor]) => Tensor>> = {
  ...trigonometric,
  ...{ exp, expm1, log, log1p, log2, logSigmoid, mish, pow, rsqrt, sigmoid, silu, sqrt, tanh },
  softplus: (x) => softplus(x, { threshold: Infinity }),
};

/** Units in the last place. */
const bound = 2;

/** The distance from one double of the size of y to the next. */
const ulp = (y: number): number => 2 ** (Math.max(-1022, Math.floor(Math.log2(Math.abs(y)))) - 52);

for (const [name, cases] of Object.entries(table)) {
  const f = functions[name];
  const off = (dtype: 'float32' | 'float64', operands: readonly number[], value: number): number => {
    const [a, b] = operands.map((v) => tensor(v, { dtype }));
    return Math.abs(f(a, b).item() - value) / ulp(value);
  };

  test(`${name} in float64 is within ${bound} units in the last place`, () => {
    assert.ok(cases.length >= 40);
    for (const [operands, value] of cases) {
      const units = off('float64', operands, value);
      assert.ok(units <= bound, `${name}(${operands}) is off ${value} by ${units}`);
    }
  });

  test(`${name} in float32 is the float64 value of its rounded operands, rounded`, () => {
    for (const [operands] of cases) {
      const [a, b] = operands.map((v) => tensor(Math.fround(v), { dtype: 'float64' }));
      const [p, q] = operands.map((v) => tensor(v, { dtype: 'float32' }));
      assert.ok(Object.is(f(p, q).item(), Math.fround(f(a, b).item())), `${name}(${operands})`);
    }
  });
}

test('every function of the table is one of ours', () => {
  assert.deepEqual(
    Object.keys(table).filter((name) => typeof functions[name] !== 'function'),
    [],
  );
});
