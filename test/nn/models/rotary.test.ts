/** Rotary positions: the laws of every op, what they are for (products that depend on the distance alone), and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  cos,
  DTypeError,
  mul,
  ones,
  Rng,
  randn,
  ShapeError,
  sin,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { rotary } from '../../../src/nn/models/rotary.op.ts';
import { shapes, tensors } from '../../harness/arbitraries.ts';
import type { Case } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

/** Some places, of which the table has all or the last axes; some heads. */
const calls: fc.Arbitrary<Case<undefined>> = fc
  .record({
    places: shapes({ minRank: 1, maxRank: 3, minSize: 0, maxSize: 3 }),
    own: fc.nat(2),
    heads: fc.integer({ min: 0, max: 3 }),
    half: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ places, own, heads, half }) => {
    const table = [...places.slice(Math.min(own, places.length)), half];
    return fc
      .tuple(tensors([...places, heads * 2 * half]), tensors(table), tensors(table))
      .map((inputs) => ({ inputs, attrs: undefined }));
  });
checkOp(rotary, { inputs: calls });

const dtype = 'float64';
/** cos and sin of the angles position·speed, [t, 1]. */
const turnsAt = (positions: readonly number[], speed: number): [Tensor, Tensor] => {
  const angles = tensor(positions, { dtype }).reshape([positions.length, 1]).mul(speed);
  return [cos(angles), sin(angles)];
};

describe('rotary', () => {
  test('a quarter turn makes (a, b) into (−b, a), in each head by itself', () => {
    const x = tensor([[1, 2, 3, 4]], { dtype });
    assertHolds(rotary(x, zeros([1, 1], { dtype }), ones([1, 1], { dtype })), [[-2, 1, -4, 3]]);
    assertHolds(rotary(x, zeros([1, 2], { dtype }), ones([1, 2], { dtype })), [[-3, -4, 1, 2]]);
    assertHolds(rotary(x, ones([1, 2], { dtype }), zeros([1, 2], { dtype })), [[1, 2, 3, 4]]);
  });

  test('products of queries and keys depend on their distance alone, and lengths do not change', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(1000), fc.nat(99), (i, j, shift, seed) => {
        const [q, k] = [1, 2].map((s) => randn([1, 2], new Rng(seed).fork(`${s}`), { dtype }));
        const at = (x: Tensor, place: number): Tensor => rotary(x, ...turnsAt([place], 0.3));
        const product = (a: number, b: number): Tensor => sum(mul(at(q, a), at(k, b)));
        assertClose(product(i + shift, j + shift), product(i, j), 1e-11, 'shifted');
        assertClose(sum(mul(at(q, i), at(q, i))), sum(mul(q, q)), 1e-13, 'length');
      }),
    );
  });

  test('what does not fit is refused by name', () => {
    const of = (...shape: number[]): Tensor => zeros(shape, { dtype });
    const refused: [Tensor, Tensor, Tensor][] = [
      [of(3, 4), of(3, 2), of(3, 1)],
      [of(3, 4), of(2, 2), of(2, 2)],
      [of(3, 6), of(3, 2), of(3, 2)],
      [of(4), of(3, 2), of(3, 2)],
      [of(3, 4), of(3, 0), of(3, 0)],
      [of(3, 4), of(), of()],
    ];
    for (const operands of refused) assertRefuses(() => rotary(...operands), ShapeError, 'rotary');
    assertRefuses(() => rotary(of(3, 4), zeros([3, 2]), of(3, 2)), DTypeError, 'rotary');
    assert.deepEqual(rotary(of(0, 4), of(0, 2), of(0, 2)).shape, [0, 4]);
  });
});
