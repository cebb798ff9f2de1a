/** Functions of two numbers in SIMD under the laws of a backend: same shapes, rows, columns, single numbers, blocks of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Shape } from '../../../src/index.ts';
import * as activation from '../../../src/tensor/cpu/activation.ts';
import { addKernel, divKernel, lerpKernel, mulKernel, subKernel } from '../../../src/tensor/cpu/arithmetic.ts';
import * as compare from '../../../src/tensor/cpu/compare.ts';
import { powKernel } from '../../../src/tensor/cpu/exponential.ts';
import { maximumKernel, minimumKernel } from '../../../src/tensor/cpu/extrema.ts';
import { meeting } from '../../../src/tensor/simd/broadcast.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { narrowed, shapes } from '../../harness/arbitraries.ts';
import { checkBackend, simd, type Wild, wild } from '../../harness/backend.ts';

type Shapes = readonly [Shape, Shape];
/** Rows and columns on both sides of what is done at a time. */
const rows = fc.constantFrom(1, 3, 7, 40, 200);
const columns = fc.constantFrom(1, 2, 3, 4, 5, 7, 15, 16, 17, 19, 31, 64, 67);

const matrices: fc.Arbitrary<Shapes> = fc.tuple(rows, columns, fc.nat(6), fc.boolean()).map(([n, m, kind, turned]) => {
  const other: Shape = [[n, m], [m], [1, m], [n, 1], [], [1], [1, 1, 1]][kind];
  return turned ? [other, [n, m]] : [[n, m], other];
});
const outer: fc.Arbitrary<Shapes> = fc
  .tuple(rows, columns, fc.boolean())
  .map(([n, m, turned]) => (turned ? [[m], [n, 1]] : [[n, 1], [m]]));
/** Blocks of rows: small ones are left to the definition. */
const blocks: fc.Arbitrary<Shapes> = fc
  .tuple(fc.constantFrom(2, 3), fc.constantFrom(2, 8), fc.constantFrom(17, 512, 517), fc.nat(3))
  .map(([b, n, m, kind]): Shapes => {
    const pairs: readonly Shapes[] = [
      [
        [b, n, m],
        [b, 1, m],
      ],
      [
        [b, 1, m],
        [b, n, 1],
      ],
      [
        [b, 1, m],
        [n, 1],
      ],
      [
        [1, n, 1],
        [b, 1, m],
      ],
    ];
    return pairs[kind];
  });
const any: fc.Arbitrary<Shapes> = shapes({ minRank: 1, maxRank: 5, maxSize: 5 }).chain((wide) =>
  fc.tuple(narrowed(wide), narrowed(wide)),
);
const pairs = fc.oneof(
  { weight: 20, arbitrary: matrices },
  { weight: 6, arbitrary: outer },
  { weight: 6, arbitrary: blocks },
  { weight: 6, arbitrary: any },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Shapes>(
      [[0], [0]],
      [[0, 40], [40]],
      [
        [40, 0],
        [40, 1],
      ],
      [[33], [33]],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<Shapes>([[70_001], [70_001]], [[3, 23_335], [23_335]], [[70_001], []]) },
);

/** Operands of these shapes, a few equal numbers among them. */
const operands = (
  special: Wild,
  of: fc.Arbitrary<Shapes> = pairs,
): fc.Arbitrary<readonly [readonly Tensor[], undefined]> =>
  of.chain(([a, b]) => fc.tuple(wild(a, special), wild(b, special))).map((inputs) => [inputs, undefined]);
const all = fc.boolean().chain((special) => operands({ special }));

for (const [name, kernel] of [
  ['add', addKernel],
  ['sub', subKernel],
  ['mul', mulKernel],
  ['div', divKernel],
  ['minimum', minimumKernel],
  ['maximum', maximumKernel],
  ['reluGrad', activation.reluGradKernel],
] as const)
  checkBackend(simd, { name, kernel, calls: all, tolerance: 0 });

const rounded = (x: number): number => Math.round(x * 4) / 4;
for (const [name, kernel] of [
  ['equal', compare.equalKernel],
  ['notEqual', compare.notEqualKernel],
  ['greater', compare.greaterKernel],
  ['greaterEqual', compare.greaterEqualKernel],
  ['less', compare.lessKernel],
  ['lessEqual', compare.lessEqualKernel],
] as const)
  checkBackend(simd, { name, kernel, calls: operands({ special: true, of: rounded }), tolerance: 0 });

/** The largest gradient. */
const ofGradient = ([g]: readonly Tensor[]): number => {
  let most = 0;
  for (const v of g.data) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v));
  return most;
};
/** Gradients of moderate size, NaN among them; the other operand is anything. */
const gradients = (of: (x: number) => number): fc.Arbitrary<readonly [readonly Tensor[], undefined]> =>
  fc
    .tuple(pairs, fc.boolean())
    .chain(([[a, b], special]) =>
      fc
        .tuple(wild(a, { special, of: (x) => (Math.abs(x) > 100 ? 100 : x) }), wild(b, { special, scale: 4, of }))
        .map((inputs) => [inputs, undefined]),
    );
for (const [name, kernel, of] of [
  ['tanhGrad', activation.tanhGradKernel, Math.tanh],
  ['sigmoidGrad', activation.sigmoidGradKernel, (x: number) => 0.5 + 0.5 * Math.tanh(x)],
  ['siluGrad', activation.siluGradKernel, (x: number) => x],
  ['geluGrad', activation.geluGradKernel, (x: number) => x],
  ['geluTanhGrad', activation.geluTanhGradKernel, (x: number) => x],
] as const)
  checkBackend(simd, { name, kernel, calls: gradients(of), tolerance: 5e-7, of: ofGradient });

checkBackend(simd, {
  name: 'pow',
  kernel: powKernel,
  calls: fc
    .tuple(fc.constantFrom(0, 1, 33, 1000), fc.constantFrom(2, 3, 0.5, -1), fc.constantFrom<Shape>([], [1], [1, 1]))
    .chain(([n, exponent, shape]) => fc.tuple(wild([n], { special: true }), wild(shape, { of: () => exponent })))
    .map((inputs) => [inputs, undefined]),
  tolerance: 2e-7,
});

/** Larger of |a| and |b|. */
const ofEnds = ([a, b]: readonly Tensor[]): number => Math.max(ofGradient([a]), ofGradient([b]));
const ends = (x: number): number => (Number.isFinite(x) ? x : 0);
checkBackend(simd, {
  name: 'lerp',
  kernel: lerpKernel,
  calls: fc
    .tuple(fc.constantFrom(1, 33, 100, 4099), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), fc.boolean())
    .chain(([n, single, special]) => {
      const [a, b, w] = single.map((one): Shape => (one ? [] : [n]));
      const weights = wild(w, { of: (x) => Math.min(1, Math.max(0, 0.5 + Math.round(4 * x) / 8)) });
      return fc.tuple(wild(a, { special, of: ends }), wild(b, { special, of: ends }), weights);
    })
    .map((inputs) => [inputs, undefined]),
  tolerance: 3e-7,
  of: ofEnds,
});

test('a meeting covers the result, once, and every operand', () => {
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const rank = Math.max(a.length, b.length);
      const at = (shape: Shape, i: number): number => shape[i - rank + shape.length] ?? 1;
      const out = Array.from({ length: rank }, (_, i) => (at(a, i) === 1 ? at(b, i) : at(a, i)));
      const m = meeting(a, b, out);
      if (m === null) return;
      assert.equal(
        m.blocks * m.rows * m.columns,
        out.reduce((p, q) => p * q, 1),
        'the result',
      );
      for (const [side, shape] of [
        [m.a, a],
        [m.b, b],
      ] as const) {
        const reach: number = (m.blocks - 1) * side.skip + (m.rows - 1) * side.step + (side.along ? m.columns : 1);
        if (!out.includes(0))
          assert.equal(
            reach,
            shape.reduce((p, q) => p * q, 1),
            'an operand',
          );
      }
    }),
  );
});
