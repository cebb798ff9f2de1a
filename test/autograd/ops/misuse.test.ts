/** Arguments that fit nothing: a pointwise op or a reduction gives a tensor, or raises an error of this library that names it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as activation from '../../../src/autograd/ops/activation.ts';
import * as arithmetic from '../../../src/autograd/ops/arithmetic.ts';
import * as compare from '../../../src/autograd/ops/compare.ts';
import * as cumulative from '../../../src/autograd/ops/cumulative.ts';
import * as exponential from '../../../src/autograd/ops/exponential.ts';
import * as extrema from '../../../src/autograd/ops/extrema.ts';
import * as logic from '../../../src/autograd/ops/logic.ts';
import * as power from '../../../src/autograd/ops/power.ts';
import * as rectifier from '../../../src/autograd/ops/rectifier.ts';
import * as reduce from '../../../src/autograd/ops/reduce.ts';
import * as rounding from '../../../src/autograd/ops/rounding.ts';
import * as softplus from '../../../src/autograd/ops/softplus.ts';
import * as statistics from '../../../src/autograd/ops/statistics.ts';
import * as trigonometric from '../../../src/autograd/ops/trigonometric.ts';
import { DomainError, meta, Tensor, TensorError, tensor, zeros } from '../../../src/index.ts';

type Call = (...args: readonly unknown[]) => unknown;

const modules = [activation, arithmetic, compare, cumulative, exponential, extrema, logic, power, rectifier, reduce];
const ops = [...modules, rounding, softplus, statistics, trigonometric].flatMap((module) =>
  Object.entries(module as Readonly<Record<string, unknown>>).filter(
    (entry): entry is [string, Call] => typeof entry[1] === 'function' && 'record' in entry[1],
  ),
);

const { NaN: nan } = Number;

const operands: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      undefined,
      null,
      true,
      '1',
      nan,
      Infinity,
      -1,
      0,
      0.5,
      2 ** 40,
      [],
      [1, 2],
      {},
      Symbol('x'),
      Object.create(null),
    ],
  ),
  fc.constantFrom<unknown>(
    ...[tensor(1), tensor([1, nan, -2]), zeros([2, 3], { dtype: 'float64' }), zeros([0]), zeros([2, 1, 3])],
    ...[
      tensor([true, false]),
      tensor([3, -7], { dtype: 'int32' }),
      zeros([2, 3], { device: meta }),
      zeros([3], { device: meta }),
    ],
  ),
);

/** Values of options. */
const oddities: readonly unknown[] = [
  ...[undefined, null, nan, Infinity, -Infinity, -1, 0, 0.5, 1, 2, 99, '0', '', true, [0], [nan], [0, 0], [-1, 0]],
  ...[{}, [[0]], ['0'], [null], Symbol('x'), Object.create(null), () => 0, 1n, [1n], [Symbol('y')]],
];
const odd = fc.oneof(fc.constantFrom(...oddities), fc.anything());
const names = [
  ...['axis', 'keepDims', 'correction', 'p', 'min', 'max', 'beta', 'threshold', 'alpha', 'negativeSlope'],
  ...['approximate', 'reverse', 'exclusive', 'dim', 'unbiased'],
];
const attrs = fc.oneof(odd, fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 2 }));

function givesOrNames(name: string, call: Call, args: readonly unknown[]): void {
  let y: unknown;
  try {
    y = call(...args);
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    assert.equal(error.op, name, error.message);
    return;
  }
  assert.ok(y instanceof Tensor);
}

for (const [name, call] of ops)
  test(`${name} gives a tensor or an error that names it, whatever it is given`, () => {
    fc.assert(
      fc.property(fc.array(operands, { minLength: 1, maxLength: 3 }), attrs, (values, options) => {
        for (const args of [values, [...values, options], [tensor([1, 2]), options]]) givesOrNames(name, call, args);
      }),
    );
    for (const option of names)
      for (const value of oddities)
        for (const x of [tensor([[1, 2]]), tensor([true, false])]) givesOrNames(name, call, [x, { [option]: value }]);
  });

test('an option that an op does not have is refused, not passed over', () => {
  const withOptions = ops.filter(([, call]) => {
    try {
      call(tensor([1, 2], { dtype: 'float64' }), { noSuchOption: 1 });
      return false;
    } catch (error) {
      return error instanceof DomainError && /noSuchOption/.test(error.message);
    }
  });
  assert.deepEqual(withOptions.map(([name]) => name).sort(), [
    ...['argmax', 'argmin', 'centre', 'clamp', 'cumprod', 'cumsum', 'elu', 'gelu', 'leakyRelu', 'logSumExp', 'max'],
    ...['mean', 'min', 'norm', 'prod', 'softplus', 'std', 'sum', 'variance'],
  ]);
});
