/** Clipping gradients by their norm, by hand and in `fit`: PyTorch's law, and nothing where nothing need be done. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, mean, square, type Tensor, tensor, zeros } from '../../src/index.ts';
import { fit, Linear, Sequential, sgd } from '../../src/nn/index.ts';
import { clipGradNorm } from '../../src/nn/optim/clip.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { tensors } from '../harness/arbitraries.ts';
import { assertClose, assertRefuses, assertSame } from '../harness/compare.ts';

const float64 = { dtype: 'float64' } as const;

/** Parameters with these gradients; null is none. */
const graded = (gradients: readonly (Tensor | null)[]): Parameter[] =>
  gradients.map((g) => {
    const p = new Parameter(zeros(g?.shape ?? [2], float64));
    p.grad = g;
    return p;
  });

const flat = (ps: readonly Parameter[]): number[] => ps.flatMap(({ grad }) => [...(grad?.data ?? [])]);

describe('clipGradNorm', () => {
  test('leaves the direction of all gradients together, and makes them no longer than asked; it tells how long they were', () => {
    const cases = fc.tuple(tensors([2, 3]), tensors([]), tensors([4]), fc.constantFrom(0.01, 0.5, 1, 30));
    fc.assert(
      fc.property(cases, ([a, b, c, largest]) => {
        const ps = graded([a, null, b, c]);
        const before = flat(ps);
        const length = Math.hypot(...before);
        assert.ok(Math.abs(clipGradNorm(ps, largest) - length) <= 1e-14 * length, 'the norm');
        const by = Math.min(1, largest / (length + 1e-6));
        const scaled = Float64Array.from(before, (g) => g * by);
        assertClose(tensor(Float64Array.from(flat(ps))), tensor(scaled), 1e-14, 'gradients');
        assert.ok(Math.hypot(...flat(ps)) <= Math.min(length, largest) * (1 + 1e-14), 'no longer');
        assert.equal(ps[1].grad, null);
      }),
    );
  });
  test('touches nothing that is short enough', () => {
    const g = tensor([3, 4], float64);
    const [p] = graded([g]);
    assert.equal(clipGradNorm([p], 6), 5);
    assert.equal(p.grad, g);
  });
  test('does not write into a gradient: whoever holds it keeps what it was', () => {
    const g = tensor([3, 4], float64);
    clipGradNorm(graded([g]), 1);
    assertSame(g, tensor([3, 4], float64), 'the gradient given');
  });
  test('is not led astray by numbers whose squares are not numbers', () => {
    const [p] = graded([tensor([3e200, 4e200], float64)]);
    assert.ok(Math.abs(clipGradNorm([p], 5) / 5e200 - 1) < 1e-14, 'the norm');
    assertClose(p.grad as Tensor, tensor([3, 4], float64), 1e-14, 'gradient');
  });
  test('one NaN is enough for all to be NaN, and an infinite norm tells itself', () => {
    const ps = graded([tensor([Number.NaN], float64), tensor([1], float64)]);
    assert.ok(Number.isNaN(clipGradNorm(ps, 1)), 'norm');
    assert.ok(flat(ps).every(Number.isNaN), `${flat(ps)}`);
    assert.equal(clipGradNorm(graded([tensor([Infinity, 1], float64)]), 1), Infinity);
  });
  test('without gradients there is nothing to do', () => {
    assert.equal(clipGradNorm(graded([null]), 1), 0);
    assert.equal(clipGradNorm([], 1), 0);
  });
  test('a largest norm that is none is refused', () => {
    for (const largest of [0, -1, Number.NaN])
      assertRefuses(() => clipGradNorm([], largest), DomainError, 'clipGradNorm');
  });
});

describe('clipNorm of fit', () => {
  const start = [3, -4];
  const options = (clipNorm?: number) => {
    const model = new Sequential(new Linear(2, 1, { weight: tensor([start], float64), bias: null }));
    return {
      model,
      optimizer: sgd(model.parameters(), { lr: 0.2 }),
      loss: (x: Tensor) => mean(square(model.call(x))),
      batches: [tensor([[1, 2]], float64)],
      steps: 1,
      ...(clipNorm !== undefined && { clipNorm }),
    };
  };
  test('shortens the gradients that the step is made with: plain descent moves by no more than lr times it', async () => {
    const moved = async (clipNorm?: number): Promise<number> => {
      const made = options(clipNorm);
      for await (const { type } of fit(made)) if (type === 'aborted') assert.fail(type);
      return Math.hypot(...[...made.model.parameters()[0].data].map((v, i) => v - start[i]));
    };
    assert.ok(Math.abs((await moved(0.01)) / (0.2 * 0.01) - 1) < 1e-3, 'the length of the step');
    assert.ok(Math.abs((await moved()) / (0.2 * 10 * Math.sqrt(5)) - 1) < 1e-12, 'without it');
  });
  test('is refused when it is no norm', async () => {
    for (const clipNorm of [0, -1, Number.NaN]) await assert.rejects(fit(options(clipNorm)).next(), DomainError);
  });
});
