/** Distances in a table of points: the laws of every op, and the limits at equal points and at the edge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { embeddingDistance } from '../../src/hyperbolic/embedding.op.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { backward, DomainError, Rng, sum, type Tensor, tensor } from '../../src/index.ts';
import { tensors } from '../harness/arbitraries.ts';
import type { Case } from '../harness/cases.ts';
import { assertRefuses } from '../harness/compare.ts';
import { checkOp } from '../harness/op.ts';

const spaces = { poincare, lorentz } as const;
type Model = keyof typeof spaces;
const models = fc.constantFrom<Model>('poincare', 'lorentz');

/** Anchors among the even rows, candidates among the odd ones, on two sides of a plane: no distance is 0, where it has a kink. */
const cases: fc.Arbitrary<Case<{ readonly model: Model }>> = fc
  .record({
    model: models,
    c: fc.constantFrom(0.25, 1, 2),
    pairs: fc.integer({ min: 1, max: 3 }),
    d: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ model, c, pairs, d }) =>
    fc.record({ b: fc.nat(3), k: fc.nat(3) }).chain(({ b, k }) => {
      const rows = (size: number) => fc.array(fc.nat(pairs - 1), { minLength: size, maxLength: size });
      return fc.record({ grid: tensors([2 * pairs, d]), anchors: rows(b), candidates: rows(b * k) }).map((drawn) => {
        const shifted = drawn.grid.data.map(
          (x: number, i: number) => x / 10 + (Math.floor(i / d) % 2 === 0 ? 0.25 : -0.25),
        );
        const weight = spaces[model](c).expOrigin(tensor(shifted, { shape: [2 * pairs, d], dtype: 'float64' }));
        const inputs = [
          weight,
          tensor(
            drawn.anchors.map((row) => 2 * row),
            { shape: [b], dtype: 'int32' },
          ),
          tensor(
            drawn.candidates.map((row) => 2 * row + 1),
            { shape: [b, k], dtype: 'int32' },
          ),
          tensor(c, { dtype: 'float64' }),
        ];
        return { inputs, attrs: { model } };
      });
    }),
  );

checkOp(embeddingDistance, { inputs: cases });

const int32 = (rows: readonly number[], shape: readonly number[]): Tensor =>
  tensor([...rows], { shape, dtype: 'int32' });

test('far points and near ones, equal ones and the origin: values and gradients are finite, and 0 where points are equal', () => {
  const range = { radius: fc.constantFrom(0, 1e-12, 1e-3, 1, 5, 11, 25, 40), turn: fc.nat(7) };
  const points = fc.array(fc.record(range), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(models, points, fc.constantFrom('float32' as const, 'float64' as const), (model, list, dtype) => {
      const space = spaces[model](1);
      const scale = model === 'poincare' ? 0.5 : 1;
      const tangents = list.flatMap(({ radius, turn }) => [
        Math.cos(turn) * radius * scale,
        Math.sin(turn) * radius * scale,
      ]);
      const start = space.expOrigin(tensor(tangents, { shape: [list.length, 2], dtype }));
      const weight = tensor(start.data, { shape: start.shape, dtype, requiresGrad: true });
      const all = list.map((_, i) => i);
      const every = int32(
        all.flatMap(() => all),
        [list.length, list.length],
      );
      const d = embeddingDistance(weight, int32(all, [list.length]), every, 1, { model });
      backward(sum(d));
      assert.ok(
        d.data.every((x: number) => Number.isFinite(x)),
        `${d}`,
      );
      assert.ok(
        weight.grad?.data.every((x: number) => Number.isFinite(x)),
        `${weight.grad}`,
      );
      for (const i of all) assert.equal(d.data[i * list.length + i], 0, `point ${i} from itself`);
    }),
  );
});

test('an index that is no row is refused', () => {
  const weight = poincare(1).random(2, [3], { rng: new Rng(1) });
  for (const [anchor, candidate] of [
    [3, 0],
    [-1, 0],
    [0, 3],
  ])
    assertRefuses(
      () => embeddingDistance(weight, int32([anchor], [1]), int32([candidate], [1, 1]), 1, { model: 'poincare' }),
      DomainError,
      'embeddingDistance',
      /not in 0\.\.2/,
    );
});
