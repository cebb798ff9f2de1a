import { written } from '../tensor/create.ts';
import { GradError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkFunction } from './arguments.ts';
import { reshape } from './ops/layout.ts';
import { stack } from './ops/slice.ts';
import { scoped } from './scoped.ts';
import {
  directions,
  type Inputs,
  type Like,
  likeInputs,
  likeResults,
  pullBack,
  slopes,
  type Tensors,
  type Traced,
  type TransformOptions,
  trace,
  values,
  zerosLike,
} from './trace.ts';

/** A value, and how gradients go back from it. */
export interface Pullback<X extends Tensors, Y extends Tensors> {
  readonly value: Like<Y>;
  /** vᵀJ, the gradient of <v, value> by the inputs, for a v like the value; as often as wanted. */
  readonly pull: (v: Like<Y>) => Like<X>;
}

/** A value, and how it changes along a direction. */
export interface Pushforward<Y extends Tensors> {
  readonly value: Like<Y>;
  /** J·v. */
  readonly tangent: Like<Y>;
}

/**
 * fn(xs) and its vector-Jacobian product v -> vᵀJ.
 *
 * Like all transforms: inputs are one tensor or a list, and what comes back has the same form; they need not require a
 * gradient and are not touched; where nothing depends on an input its gradient is zeros.
 *
 * `const { value, pull } = vjp((x) => exp(x), x); const dx = pull(v);`
 * @param fn gives a tensor or a list of them
 * @throws DomainError when `fn` is no function; DTypeError when an input, result or v is not a tensor of floats; ShapeError
 * when v has another shape; GradError when `fn` gives a promise
 */
export function vjp<const X extends Tensors, Y extends Tensors>(
  fn: (...xs: Inputs<X>) => Y,
  xs: X,
  options: TransformOptions = {},
): Pullback<X, Y> {
  const traced = trace('vjp', fn, xs, options);
  return {
    value: likeResults<Y>(traced, values(traced)),
    pull(v) {
      const vs = directions('vjp', 'v', v, traced.ys);
      return likeInputs<X>(traced, pullBack(traced.ys, traced.xs, vs, traced.createGraph));
    },
  };
}

/**
 * fn(xs) and its Jacobian-vector product J·v, exact: the pull u -> uᵀJ is linear, and J is its derivative by u. Every rule on
 * the way is differentiated once, so ops that refuse a second derivative refuse this too.
 *
 * `const { value, tangent } = jvp((x) => exp(x), x, v);`
 * @param vs a direction for each input, in the form of `xs`
 * @throws what `vjp` does
 */
export function jvp<const X extends Tensors, Y extends Tensors>(
  fn: (...xs: Inputs<X>) => Y,
  xs: X,
  vs: Like<NoInfer<X>>,
  options: TransformOptions = {},
): Pushforward<Y> {
  const traced = trace('jvp', fn, xs, options);
  const along = directions('jvp', 'direction', vs, traced.xs);
  const us = traced.ys.map((y) => {
    const u = zerosLike(y);
    u.requiresGrad = true;
    return u;
  });
  const gs = pullBack(traced.ys, traced.xs, us, true);
  const tangents = pullBack(gs, us, along, traced.createGraph);
  return { value: likeResults<Y>(traced, values(traced)), tangent: likeResults<Y>(traced, tangents) };
}

/**
 * ∂fn/∂x, one backward pass per element of the result: for an input x a tensor of shape [...y.shape, ...x.shape].
 *
 * `jacobian((x) => square(x), x)` is diag(2x).
 * @param fn gives one tensor
 * @throws what `vjp` does; GradError when the result is a list
 */
export function jacobian<const X extends Tensors>(
  fn: (...xs: Inputs<X>) => Tensor,
  xs: X,
  options: TransformOptions = {},
): Like<X> {
  const traced = trace('jacobian', fn, xs, options);
  if (traced.listedYs) throw new GradError('jacobian', 'the function gives one tensor, not a list');
  return likeInputs<X>(traced, rows(traced.ys[0], traced));
}

/** Second derivatives by one tensor, or by each pair of a list. */
export type Hessian<X extends Tensors> = X extends Tensor ? Tensor : { readonly [K in keyof X]: Like<X> };

/**
 * ∂²fn/∂x², for an input x a tensor of shape [...x.shape, ...x.shape]; for a list, h[i][j] is ∂²fn/∂xᵢ∂xⱼ.
 *
 * `hessian((x) => sum(square(x)), x)` is 2·I.
 * @param fn gives a single number
 * @throws what `vjp` does; GradError when the result is not one number, or an op refuses a second derivative
 */
export function hessian<const X extends Tensors>(
  fn: (...xs: Inputs<X>) => Tensor,
  xs: X,
  options: TransformOptions = {},
): Hessian<X> {
  const traced = trace('hessian', fn, xs, options);
  const blocks = slopes(traced, true).map((g) => likeInputs<X>(traced, rows(g, traced)));
  return (traced.listedXs ? blocks : blocks[0]) as Hessian<X>;
}

/**
 * H·v, with H the Hessian of `fn`, in two backward passes and without H: the gradient of <∇fn, v>. (That is vᵀH; the two are
 * equal where the rules are derivatives, because H is symmetric.)
 * @param fn gives a single number
 * @param vs a direction for each input, in the form of `xs`
 * @throws what `hessian` does
 */
export function hvp<const X extends Tensors>(
  fn: (...xs: Inputs<X>) => Tensor,
  xs: X,
  vs: Like<NoInfer<X>>,
  options: TransformOptions = {},
): Like<X> {
  const traced = trace('hvp', fn, xs, options);
  const along = directions('hvp', 'direction', vs, traced.xs);
  return likeInputs<X>(traced, pullBack(slopes(traced, true), traced.xs, along, traced.createGraph));
}

/** A value and the gradients by all operands. */
export interface ValueAndGrads<Xs extends readonly Tensor[]> {
  readonly value: Tensor;
  readonly grads: { readonly [K in keyof Xs]: Tensor };
}

/**
 * The function that gives fn(…xs) and its gradients by all operands, in their order.
 *
 * `const { value, grads: [dw, db] } = valueAndGrad(loss)(w, b);`
 * @param fn gives a single number
 * @throws DomainError when `fn` is no function; from the call, what `vjp` does, and GradError when the result is not one number
 */
export function valueAndGrad<Xs extends readonly Tensor[]>(
  fn: (...xs: Xs) => Tensor,
  options: TransformOptions = {},
): (...xs: Xs) => ValueAndGrads<Xs> {
  checkFunction('valueAndGrad', 'what is differentiated', fn);
  return (...xs) => {
    const traced = trace('valueAndGrad', fn, xs, options);
    const grads = slopes(traced, traced.createGraph) as ValueAndGrads<Xs>['grads'];
    return { value: values(traced)[0], grads };
  };
}

/** The Jacobian of y by every x: a pull per element of y. */
function rows(y: Tensor, { op, xs, createGraph }: Traced): readonly Tensor[] {
  const pulled = Array.from({ length: y.size }, (_, at) => pullBack([y], xs, [unit(y, at)], createGraph));
  return scoped(op, { recording: createGraph }, () =>
    xs.map((x, i) => {
      const shape = [...y.shape, ...x.shape];
      if (pulled.length === 0) return zerosLike({ shape, dtype: x.dtype, device: x.device });
      return reshape(stack(pulled.map((row) => row[i])), shape);
    }),
  );
}

/** Like y: 1 at element number `at`, else 0. */
function unit(y: Tensor, at: number): Tensor {
  const { shape, dtype, device } = y;
  return written('jacobian', shape, { dtype, device }, (data) => {
    data[at] = 1;
  });
}
