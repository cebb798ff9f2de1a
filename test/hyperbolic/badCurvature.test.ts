/** A curvature that is none is refused by the name of the function, before anything is computed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as hyperbolic from '../../src/hyperbolic/index.ts';
import { DomainError, ShapeError, type Tensor, tensor } from '../../src/index.ts';
import { assertRefuses } from '../harness/compare.ts';

const point = tensor([[0.1, 0.2, 0.3]]);
const vector = tensor([0.1]);

/** What comes before c, by the beginning of the name, and where it is something else. */
const operands: Readonly<Record<string, readonly unknown[]>> = {
  ...Object.fromEntries(
    ['Project', 'ExpOrigin', 'LogOrigin', 'Midpoint', 'Centroid'].flatMap((end) =>
      ['poincare', 'lorentz'].map((model) => [model + end, [point]]),
    ),
  ),
  ...Object.fromEntries(
    ['Norm', 'Gradient', 'Distance', 'SquaredDistance', 'PairwiseDistance', 'Exp', 'Log', 'ProjectTangent'].flatMap(
      (end) => ['poincare', 'lorentz'].map((model) => [model + end, [point, point]]),
    ),
  ),
  ...Object.fromEntries(
    ['Inner', 'Transport'].flatMap((end) =>
      ['poincare', 'lorentz'].map((model) => [model + end, [point, point, point]]),
    ),
  ),
  toPoincare: [point],
  toLorentz: [point],
  tangentToPoincare: [point, point],
  tangentToLorentz: [point, point],
  mobiusAdd: [point, point],
  mobiusSub: [point, point],
  mobiusApply: [(u: Tensor) => u, point],
  mobiusScale: [2, point],
  mobiusLinear: [point, point],
  mobiusMatvec: [point, point],
  gyration: [point, point, point],
  lorentzHyperplaneLogits: [point, point, vector],
  offsetLogits: [point, point, point, vector],
  pointLogits: [point, point, point],
};

const functions = Object.entries(operands).flatMap(([name, before]) => {
  const f = (hyperbolic as Readonly<Record<string, unknown>>)[name];
  return typeof f === 'function' ? [{ name, call: (c: unknown): unknown => f(...before, c) }] : [];
});

test('c that is not a finite number > 0, and a tensor that is no scalar, are refused by name', () => {
  assert.equal(
    functions.length,
    Object.keys(operands).length - 3,
    'a midpoint, a centroid and a projection are on one model only',
  );
  for (const { name, call } of functions) {
    for (const c of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, tensor(-1), tensor(Number.NaN)])
      assertRefuses(() => call(c), DomainError, name, /c is a finite number > 0/);
    assertRefuses(() => call(tensor([1, 1])), ShapeError, name);
  }
});
