import { maskedScaleKernel } from '../../tensor/cpu/dropout.ts';
import { written } from '../../tensor/create.ts';
import { requireFloat } from '../../tensor/dtype.ts';
import { DomainError } from '../../tensor/errors.ts';
import { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions, checkTensor } from '../options.ts';

/**
 * scale·x where the mask holds, 0 elsewhere: what `dropout` does to values and to gradients.
 * @throws ShapeError when the shapes differ; DTypeError unless x is floating and the mask bool; DomainError when the scale is
 * not finite
 */
export const maskedScale: Op<2, number> = /* @__PURE__ */ defineOp({
  name: 'maskedScale',
  arity: 2,
  signature: '…, … :bool -> …',
  keeps: { inputs: [1] },
  check(_, scale) {
    if (!Number.isFinite(scale)) throw new DomainError('maskedScale', `the scale is finite, got ${String(scale)}`);
  },
  forward: ({ inputs, attrs: scale }) => maskedScaleKernel(inputs, scale),
  backward: ({ dy, inputs: [, mask], attrs: scale }) => [maskedScale(dy, mask, scale), null],
});

/** Options of `dropout`. */
export interface DropoutAttrs {
  /** The chance of an element to become 0, in 0..1. Default 0.5. */
  readonly p?: number;
  /** Where chance comes from; drawn from once per element, in row-major order, and only where 0 < p < 1. */
  readonly rng: Rng;
  /** Without it nothing happens. Default true. */
  readonly training?: boolean;
}

/** False with chance p, element by element. */
function survivors({ shape, device }: Tensor, p: number, rng: Rng): Tensor {
  return written('dropout', shape, { dtype: 'bool', device }, (data) => {
    if (p !== 1) rng.coins(data as Uint8Array, p);
  });
}

/**
 * x with each element made 0 with chance p, the others multiplied by 1/(1 − p), so that the mean stays. p = 0, or
 * `training: false`, gives x itself; p = 1 gives zeros, and no gradient. The gradient is dropped where x was: the mask, one byte
 * per element, is all that is kept.
 * @throws DTypeError unless x is floating; DomainError unless p is in 0..1 and `rng` is an Rng, and for an unknown option
 * @source Srivastava et al., "Dropout", JMLR 15 (2014)
 */
export function dropout(x: Tensor, attrs: DropoutAttrs): Tensor {
  checkTensor('dropout', x);
  requireFloat('dropout', x.dtype);
  checkOptions('dropout', attrs, ['p', 'rng', 'training']);
  const { p = 0.5, rng, training = true } = attrs;
  checkFlag('dropout', 'training', training);
  checkChance('dropout', p, rng);
  if (!training || p === 0) return x;
  return maskedScale(x, survivors(x, p, rng), p === 1 ? 0 : 1 / (1 - p));
}

/** @throws DomainError unless p is in 0..1 and rng an Rng */
export function checkChance(op: string, p: unknown, rng: unknown): void {
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new DomainError(op, `p is a chance in 0..1, got ${String(p)}`);
  if (!(rng instanceof Rng)) throw new DomainError(op, 'rng is where chance comes from: new Rng(seed)');
}
