import type { Tensor } from '../tensor.ts';
import { geluSlope, geluTanhSlope, siluSlope } from './activations.ts';
import { elementwise, type Runs, unary } from './elementwise.ts';
import type { Formula } from './formula.ts';
import { f32x4, v128 } from './lanes.ts';
import { fewest, overlay } from './overlay.ts';
import { rowwise } from './rowwise.ts';

type Pair = readonly [Tensor, Tensor];

/** Functions of two operands, broadcast; rounded as the definitions are. */
const arithmetic: Readonly<Record<string, Formula>> = {
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  minimum: (_, a, b) => f32x4.min(a, b),
  maximum: (_, a, b) => f32x4.max(a, b),
  reluGrad: (_, g, y) => v128.and(g, f32x4.gt(y, v128.zero())),
};

/** What activations do to a gradient g: (g, y) where the result y says it, (g, x) elsewhere. Within 5e-7·|g|. */
const gradients: Readonly<Record<string, Formula>> = {
  tanhGrad: (r, g, y) => f32x4.mul(g, f32x4.mul(f32x4.sub(r.constant(1), y), f32x4.add(r.constant(1), y))),
  sigmoidGrad: (r, g, y) => f32x4.mul(g, f32x4.mul(y, f32x4.sub(r.constant(1), y))),
  siluGrad: (r, g, x) => f32x4.mul(g, siluSlope(r, x)),
  geluGrad: (r, g, x) => f32x4.mul(g, geluSlope(r, x)),
  geluTanhGrad: (r, g, x) => f32x4.mul(g, geluTanhSlope(r, x)),
};

/** Comparisons, broadcast, as bytes. */
const comparisons: Readonly<Record<string, Formula>> = {
  equal: (_, a, b) => f32x4.eq(a, b),
  notEqual: (_, a, b) => f32x4.ne(a, b),
  greater: (_, a, b) => f32x4.gt(a, b),
  greaterEqual: (_, a, b) => f32x4.ge(a, b),
  less: (_, a, b) => f32x4.lt(a, b),
  lessEqual: (_, a, b) => f32x4.le(a, b),
};

/** Lay functions of two operands over their definitions. */
export function layBinary(): void {
  for (const [table, result, cost] of [
    [arithmetic, 'float32', 0.3],
    [gradients, 'float32', 1],
    [comparisons, 'bool', 0.3],
  ] as const)
    for (const [name, formula] of Object.entries(table)) {
      const { accepts, run } = rowwise({ formula, result, cost });
      overlay<Pair, undefined, readonly Tensor[]>(name, {
        accepts,
        run: ([y], inputs) => run(y, inputs),
      });
    }
}

/** Powers that are products, by the exponent, a single number. Within 1.2e-7. */
const powers: ReadonlyMap<number, Formula> = new Map([
  [2, (_, x) => f32x4.mul(x, x)],
  [3, (_, x) => f32x4.mul(f32x4.mul(x, x), x)],
] satisfies [number, Formula][]);

/** Lay whole powers, by their exponents, over the definition. */
export function layPower(): void {
  const kernels = new Map([...powers].map(([exponent, formula]) => [exponent, unary(formula, 0, 0.3)]));
  overlay<Pair, undefined, readonly Tensor[]>('pow', {
    accepts: ([a, b]) => a.dtype === 'float32' && a.size >= fewest && b.size === 1 && kernels.has(b.data[0]),
    run: (outputs, [a, b]) => kernels.get(b.data[0])?.(outputs, [a]) ?? false,
  });
}

/**
 * Lay `lerp` over its definition, compiled for each choice of operands that are single numbers. The difference is halved,
 * so that it does not overflow: within 3e-7 of the larger of |a| and |b|, for w between 0 and 1.
 */
export function layLerp(): void {
  const lerp: Formula = (r, a, b, w) => {
    const half = r.constant(0.5);
    const d = r.hold(f32x4.sub(f32x4.mul(b, half), f32x4.mul(a, half)));
    const rest = f32x4.sub(r.constant(1), w);
    const left = r.madd(f32x4.add(w, w), d, a);
    const right = f32x4.sub(b, f32x4.mul(f32x4.add(rest, rest), d));
    return v128.bitselect(left, right, f32x4.lt(w, half));
  };
  const kernels = new Map<string, Runs>();
  overlay<readonly [Tensor, Tensor, Tensor], undefined, readonly Tensor[]>('lerp', {
    accepts: (inputs) => inputs.every((x) => x.dtype === 'float32') && inputs.some((x) => x.size >= fewest),
    run(outputs, inputs) {
      const operands = inputs.map((x) => (x.size === 1 ? 'one' : 'float32'));
      const key = operands.join();
      let run = kernels.get(key);
      if (run === undefined) {
        run = elementwise({ operands, params: 0, formulas: (r, ...xs) => [lerp(r, ...xs)] });
        kernels.set(key, run);
      }
      return run(outputs, inputs);
    },
  });
}
