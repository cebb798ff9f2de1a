/** Whatever is given: a result where it fits, else a named error of this library, never one from inside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GradError, grad, meta, ones, Rng, sum, Tensor, TensorError, tensor, zeros } from '../../../../src/index.ts';
import * as linalg from '../../../../src/linalg.ts';
import { isFloat } from '../../../../src/tensor/dtype.ts';
import { shapes } from '../../../harness/arbitraries.ts';

/** The options that each function has, with values that fit. */
const functions: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  cholesky: { upper: [true, false] },
  cofactor: {},
  det: {},
  eigh: {},
  eigvalsh: {},
  inv: {},
  matrixNorm: { ord: ['fro', 'nuc', 1, 2, Infinity, -1, -2, -Infinity], keepDims: [true, false] },
  pinv: { rcond: [0, 0.1] },
  qr: {},
  slogdet: {},
  solve: {},
  solveTriangular: { upper: [true, false], trans: [true, false], unitriangular: [true, false], left: [true, false] },
  svd: {},
  svdvals: {},
  truncatedSvd: { rank: [1, 2], rng: [new Rng(1)], oversampling: [0, 1, 2], iterations: [0, 1, 2] },
};

/** Functions that do nothing without options. */
const demanding = ['solveTriangular', 'truncatedSvd'];

const entries = fc.oneof(
  { arbitrary: fc.integer({ min: -2, max: 2 }), weight: 9 },
  { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324), weight: 1 },
);
const floats = fc.constantFrom('float64' as const, 'float32' as const);
const matrices = fc
  .tuple(fc.oneof(fc.constantFrom([2, 2], [3, 3], [2, 2, 2], [2], [2, 1]), shapes({ maxSize: 3 })), floats)
  .chain(([shape, dtype]) => {
    const size = shape.reduce((n, m) => n * m, 1);
    return fc.array(entries, { minLength: size, maxLength: size }).map((values) => tensor(values, { shape, dtype }));
  });
const operands = fc.oneof(
  { arbitrary: matrices, weight: 8 },
  { arbitrary: fc.constantFrom(zeros([2, 2], { dtype: 'int32' }), zeros([2, 2], { dtype: 'bool' })), weight: 1 },
  { arbitrary: fc.constantFrom(zeros([2, 2], { device: meta }), zeros([2, 3], { device: meta })), weight: 1 },
  { arbitrary: fc.constantFrom(undefined, null, 3, NaN, 'a', [1, 2], [[1]], {}, () => 0), weight: 1 },
);
const values = fc.constantFrom(
  undefined,
  null,
  true,
  false,
  0,
  0.1,
  1,
  2,
  -1,
  NaN,
  Infinity,
  'fro',
  'nuc',
  'x',
  [],
  {},
);
const options = (name: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 3 },
    {
      arbitrary: fc.record(
        Object.fromEntries(
          Object.entries(functions[name]).map(([key, fit]) => [
            key,
            fc.oneof({ arbitrary: fc.constantFrom(...fit), weight: 12 }, { arbitrary: values, weight: 1 }),
          ]),
        ),
        demanding.includes(name) ? {} : { requiredKeys: [] },
      ),
      weight: demanding.includes(name) ? 12 : 2,
    },
    fc.constantFrom(null, 1, 'upper', [], [1], { unknown: 1 }, { full: true }),
  );
/** What fits beside a: ones in as many rows. */
const beside = (a: unknown): unknown =>
  a instanceof Tensor && a.rank >= 2 ? ones([a.shape[a.rank - 2], 1], { dtype: a.dtype }) : 1;
const calls = fc
  .tuple(fc.constantFrom(...Object.keys(functions)), operands, operands, fc.boolean())
  .chain(([name, a, b, fit]) =>
    fc.tuple(fc.constant(name), fc.constant(a), fc.constant(fit ? beside(a) : b), options(name)),
  );

const twoOperands = ['solve', 'solveTriangular'];
const call = (name: string, a: unknown, b: unknown, attrs: unknown): readonly Tensor[] => {
  const fn = (linalg as unknown as Record<string, (...args: unknown[]) => Tensor | readonly Tensor[]>)[name];
  const result = twoOperands.includes(name) ? fn(a, b, attrs) : fn(a, attrs);
  return result instanceof Tensor ? [result] : result;
};

/** Whether a call may succeed at all. */
function fits(name: string, used: readonly unknown[], attrs: unknown): boolean {
  const known = functions[name];
  const floating = used.every((x) => typeof x === 'number' || (x instanceof Tensor && isFloat(x.dtype)));
  if (!(used[0] instanceof Tensor && used[0].rank >= 2 && floating)) return false;
  if (attrs === undefined || attrs === null) return !demanding.includes(name);
  if (typeof attrs !== 'object' || Array.isArray(attrs)) return false;
  return Object.entries(attrs).every(([key, value]) => value === undefined || known[key]?.includes(value));
}

test('a call with anything gives tensors where all of it fits, else a named error', () => {
  const seen = new Map<string, { given: number; refused: number }>();
  fc.assert(
    fc.property(calls, ([name, a, b, attrs]) => {
      const count = seen.get(name) ?? { given: 0, refused: 0 };
      seen.set(name, count);
      const used = twoOperands.includes(name) ? [a, b] : [a];
      try {
        for (const y of call(name, a, b, attrs)) assert.ok(y instanceof Tensor && isFloat(y.dtype));
      } catch (error) {
        if (!(error instanceof TensorError)) throw error;
        const [own, inner] = [error.op === name, name === 'matrixNorm' && error.op === 'svdvals'];
        assert.ok(own || inner, error.message);
        count.refused++;
        return;
      }
      count.given++;
      assert.ok(fits(name, used, attrs), `${name} took what it should refuse`);
    }),
    { numRuns: 3000 },
  );
  for (const name of Object.keys(functions)) {
    const { given, refused } = seen.get(name) ?? { given: 0, refused: 0 };
    assert.ok(given > 0 && refused > 3, `${name}: ${given} given, ${refused} refused`);
  }
});

test('a gradient is finite or refused by name, for every finite matrix, singular and repeated ones too', () => {
  const small = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
    .chain(([m, n]) =>
      fc
        .array(fc.integer({ min: -2, max: 2 }), { minLength: m * n, maxLength: m * n })
        .map((list) => tensor(list, { shape: [m, n], dtype: 'float64', requiresGrad: true })),
    );
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(functions)), small, fc.nat(2), (name, a, part) => {
      try {
        const b = zeros([a.shape[0], 1], { dtype: 'float64' });
        const ys = call(name, a, b, name === 'solveTriangular' ? { upper: true } : undefined);
        const [da] = grad(sum(ys[part % ys.length]), [a], { allowUnused: true });
        assert.ok(da === null || da.data.every(Number.isFinite), `${name}: ${da}`);
      } catch (error) {
        assert.ok(error instanceof TensorError, String(error));
        if (error instanceof GradError) assert.equal(error.op, name);
      }
    }),
    { numRuns: 1000 },
  );
});

test('every function of this module is fed garbage', () => {
  const known = Object.entries(linalg).filter(([, value]) => typeof value === 'function');
  assert.deepEqual(known.map(([name]) => name).sort(), Object.keys(functions).sort());
});
