import { logicalAndKernel, logicalNotKernel, logicalOrKernel, logicalXorKernel } from '../../tensor/cpu/compare.ts';
import { defineOp, type Op } from '../define.ts';

const binary = '…~ :bool, …~ :bool -> …~ :bool';

/**
 * Whether both are true, element by element, broadcast; bool only. Not differentiable.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless both are bool
 */
export const logicalAnd: Op<2> = /* @__PURE__ */ defineOp({
  name: 'logicalAnd',
  arity: 2,
  signature: binary,
  forward: ({ inputs }) => logicalAndKernel(inputs, undefined),
});

/**
 * Whether either is true, element by element, broadcast; bool only. Not differentiable.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless both are bool
 */
export const logicalOr: Op<2> = /* @__PURE__ */ defineOp({
  name: 'logicalOr',
  arity: 2,
  signature: binary,
  forward: ({ inputs }) => logicalOrKernel(inputs, undefined),
});

/**
 * Whether exactly one is true, element by element, broadcast; bool only. Not differentiable.
 * @throws ShapeError when the shapes do not broadcast; DTypeError unless both are bool
 */
export const logicalXor: Op<2> = /* @__PURE__ */ defineOp({
  name: 'logicalXor',
  arity: 2,
  signature: binary,
  forward: ({ inputs }) => logicalXorKernel(inputs, undefined),
});

/** True where x is false; bool only. Not differentiable. @throws DTypeError unless x is bool */
export const logicalNot: Op<1> = /* @__PURE__ */ defineOp({
  name: 'logicalNot',
  arity: 1,
  signature: '… :bool -> … :bool',
  forward: ({ inputs }) => logicalNotKernel(inputs, undefined),
});
