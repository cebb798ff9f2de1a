import { defineOp, type Op } from '../autograd/define.ts';
import { div, mul, neg, square } from '../autograd/ops/arithmetic.ts';
import { equal, where } from '../autograd/ops/compare.ts';
import { sqrtKernel } from '../tensor/cpu/exponential.ts';

/** 1/x, and 0 at x = 0, as is its gradient there. */
export const inverseOrZero: Op<1> = /* @__PURE__ */ defineOp({
  name: 'inverseOrZero',
  arity: 1,
  signature: '… -> …',
  keeps: { outputs: [0] },
  forward: ({ inputs: [x] }) => where(equal(x, 0), 0, div(1, x)),
  backward: ({ dy, y }) => [neg(mul(dy, square(y)))],
});

/** √x for x >= 0, whose gradient at 0 is 0: lengths and distances, of which 0 is the smallest. */
export const rootOrZero: Op<1> = /* @__PURE__ */ defineOp({
  name: 'rootOrZero',
  arity: 1,
  signature: '… -> …',
  domain: [0, Number.POSITIVE_INFINITY],
  keeps: { outputs: [0] },
  forward: ({ inputs }) => sqrtKernel(inputs, undefined),
  backward: ({ dy, y }) => [mul(dy, mul(inverseOrZero(y), 0.5))],
});
