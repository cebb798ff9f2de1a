import type { Softening } from '../cpu/activation.ts';
import type { Bounds } from '../cpu/extrema.ts';
import type { Tensor } from '../tensor.ts';
import { gelu, geluTanh, logSigmoid, mish, sigmoid, silu, softplus } from './activations.ts';
import { leastFor, unary } from './elementwise.ts';
import type { Formula } from './formula.ts';
import { cosh, erf, exp, expm1, sinh, tanh } from './formulas.ts';
import { f32x4, v128 } from './lanes.ts';
import { acosh, asinh, atanh, log, log1p, log2 } from './logarithms.ts';
import { isFloat32, overlay } from './overlay.ts';

/** Functions that are exact, or rounded as the definition is. */
const exact: Readonly<Record<string, Formula>> = {
  neg: (_, x) => f32x4.neg(x),
  abs: (_, x) => f32x4.abs(x),
  sign: (r, x) =>
    v128.bitselect(v128.or(v128.and(x, r.bits(-(2 ** 31))), r.constant(1)), x, f32x4.gt(f32x4.abs(x), v128.zero())),
  square: (_, x) => f32x4.mul(x, x),
  reciprocal: (r, x) => f32x4.div(r.constant(1), x),
  sqrt: (_, x) => f32x4.sqrt(x),
  rsqrt: (r, x) => f32x4.div(r.constant(1), f32x4.sqrt(x)),
  relu: (_, x) => f32x4.pmax(x, v128.zero()),
  floor: (_, x) => f32x4.floor(x),
  ceil: (_, x) => f32x4.ceil(x),
  round: (_, x) => f32x4.nearest(x),
};

/** Functions whose error each formula states. */
const approximate: Readonly<Record<string, Formula>> = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  sigmoid,
  silu,
  gelu,
  geluTanh,
  logSigmoid,
  mish,
};

/** Functions with parameters: the formula, and the numbers it takes; null where the definition must do it. */
interface Parametric<A> {
  readonly formula: Formula;
  params(attrs: A): readonly number[] | null;
}

const clamp: Parametric<Bounds> = {
  formula: (_, x, low, high) => f32x4.pmin(f32x4.pmax(x, low), high),
  params: ({ low, high }) => [low, high],
};
const leakyRelu: Parametric<number> = {
  formula: (_, x, slope) => v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, v128.zero())),
  params: (slope) => [slope],
};
const elu: Parametric<number> = {
  formula: (r, x, alpha) => v128.bitselect(x, f32x4.mul(expm1(r, x), alpha), f32x4.gt(x, v128.zero())),
  params: (alpha) => [alpha],
};
const softPlus: Parametric<Softening> = {
  formula: softplus,
  // Where the result jumps, at the threshold, a rounded product would jump elsewhere.
  params: ({ beta, threshold }) => (beta === 1 && Math.fround(threshold) === threshold ? [threshold] : null),
};

function layParametric<A>(name: string, { formula, params }: Parametric<A>, count: number): void {
  const run = unary(formula, count, 0.5);
  overlay<readonly [Tensor], A, readonly Tensor[]>(name, {
    accepts: (inputs, attrs) => isFloat32(inputs) && params(attrs) !== null,
    run: (outputs, inputs, attrs) => run(outputs, inputs, params(attrs) ?? []),
  });
}

/** Lay functions of one operand over their definitions. */
export function layUnary(): void {
  for (const [table, cost] of [
    [exact, 0.2],
    [approximate, 1],
  ] as const)
    for (const [name, formula] of Object.entries(table)) {
      const run = unary(formula, 0, cost);
      const least = leastFor(cost);
      overlay<readonly [Tensor], undefined, readonly Tensor[]>(name, {
        accepts: ([x]) => x.dtype === 'float32' && x.size >= least,
        run,
      });
    }
  layParametric('clamp', clamp, 2);
  layParametric('leakyRelu', leakyRelu, 1);
  layParametric('elu', elu, 1);
  layParametric('softplus', softPlus, 1);
}
