import '../../tensor/simd/lay/attention.ts';
import { attentionGradKernel, attentionKernel } from '../../tensor/cpu/attention.ts';
import type { AttentionKernelAttrs, AttentionOperands } from '../../tensor/cpu/attentionBlock.ts';
import { DomainError, DTypeError, type Shape, ShapeError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp, type Op } from '../define.ts';
import { checkFlag, checkOptions, checkTensor, checkWhole } from '../options.ts';
import type { Gradients } from '../record.ts';
import { isRecording } from '../scoped.ts';
import { signature } from '../signature.ts';
import { recordedRule, scoresShape, weightedMean } from './attentionWeights.ts';
import { checkChance } from './dropout.ts';

/** Options of the op `attention`. */
export interface AttentionAttrs {
  /** Query i sees keys 0..i only. Default false. */
  readonly causal?: boolean;
  /** Multiplies every product of a query and a key. Default 1/√d. */
  readonly scale?: number;
  /** The chance of a weight to be dropped, and the whole number that all masks follow from. Default: none. */
  readonly dropout?: { readonly p: number; readonly seed: number };
  /** Heads side by side in the last axis, q […, t, heads·d] and so on: see `scaledDotProductAttention`. */
  readonly heads?: number;
}

type Operands = readonly Tensor[];

const shapesOf = (xs: readonly Tensor[]): Shape[] => xs.map((x) => x.shape);
/** What the kernels are told: every option filled in. */
function settings([q]: Operands, { causal = false, scale, dropout, heads }: AttentionAttrs): AttentionKernelAttrs {
  const d = q.shape[q.rank - 1] / (heads ?? 1);
  return { causal, scale: scale ?? 1 / Math.sqrt(d || 1), dropout: dropout ?? null, heads: heads ?? null };
}

function checkHeads(op: string, [q, , v]: Operands, heads: number | undefined): void {
  if (heads === undefined) return;
  checkWhole(op, 'heads', heads, 1);
  for (const x of [q, v])
    if (x.shape[x.rank - 1] % heads !== 0)
      throw new ShapeError(op, `${heads} heads do not divide the last axis`, [x.shape]);
}

function checkMask(op: string, operands: Operands, heads: number | undefined): void {
  const [q, , , mask] = operands;
  if (mask.dtype !== 'bool' && mask.dtype !== q.dtype)
    throw new DTypeError(op, `the mask is ${mask.dtype}, and needs bool or ${q.dtype}`);
  const wide = scoresShape(operands, heads);
  if (mask.rank > wide.length || !sameShape(broadcastShapes(op, mask.shape, wide, operands), wide))
    throw new ShapeError(op, `the mask does not broadcast to the scores [${wide}]`, shapesOf(operands));
}

function checkOperands(op: string, operands: Operands, heads: number | undefined): void {
  const [q, k, v] = operands;
  if (operands.length < 3 || operands.length > 4)
    throw new ShapeError(op, 'takes q, k, v and perhaps a mask', shapesOf(operands));
  signature('… t d, … s d, … s e -> … t e').check(op, [q, k, v]);
  checkHeads(op, operands, heads);
  if (operands.length === 4) checkMask(op, operands, heads);
}

function checkSettings(op: string, causal: unknown = false, scale: unknown = 1): void {
  checkFlag(op, 'causal', causal);
  if (!Number.isFinite(scale)) throw new DomainError(op, `scale is a finite number, got ${String(scale)}`);
}

function checkDropout(op: string, dropout: AttentionAttrs['dropout']): void {
  if (dropout === undefined) return;
  checkOptions(op, dropout, ['p', 'seed']);
  const { p, seed } = dropout;
  if (!(p >= 0 && p <= 1)) throw new DomainError(op, `p is a chance in 0..1, got ${String(p)}`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 52)
    throw new DomainError(op, `the seed is a whole number in 0..2^52, got ${String(seed)}`);
}

/** One gradient per operand, where it is wanted; a bool mask has none. */
const needed = (gradients: readonly Tensor[], needs: readonly boolean[]): Gradients =>
  needs.map((wanted, i) => wanted && gradients[i]);

/**
 * `scaledDotProductAttention` as an op: operands q […, t, d], k […, s, d], v […, s, e] and perhaps a mask, bool or additive.
 *
 * Neither pass forms the weights […, t, s]: the rule makes them again, a few queries at a time. A pass that is recorded
 * (`createGraph`) is made of ops instead, and does form them.
 * @throws ShapeError, DTypeError or DomainError when an operand or option does not fit
 */
export const attention: Op<'list', AttentionAttrs> = /* @__PURE__ */ defineOp({
  name: 'attention',
  arity: 'list',
  keeps: { inputs: [0, 1, 2, 3] },
  check(operands, attrs) {
    checkOptions('attention', attrs, ['causal', 'scale', 'dropout', 'heads']);
    checkSettings('attention', attrs.causal, attrs.scale);
    checkOperands('attention', operands, attrs.heads);
    checkDropout('attention', attrs.dropout);
  },
  forward: ({ inputs, attrs }) => attentionKernel(inputs as AttentionOperands, settings(inputs, attrs)),
  backward({ dy, inputs, attrs, needs }) {
    const all = settings(inputs, attrs);
    if (isRecording()) return recordedRule(dy, inputs, all, needs).slice(0, inputs.length);
    const operands = inputs as AttentionOperands;
    return needed(attentionGradKernel([dy, ...operands], { ...all, needsMask: needs[3] === true }), needs);
  },
  reference: (operands, attrs) => weightedMean(operands, settings(operands, attrs)),
});

/** Options of `scaledDotProductAttention`. */
export interface ScaledDotProductAttentionAttrs {
  /**
   * Which keys each query may see, bool, or what is added to the scores (−∞ hides a key); broadcasts to […, t, s], with `heads` to
   * […, heads, t, s].
   */
  readonly mask?: Tensor;
  /** Query i sees keys 0..i only, besides what the mask says. Default false. */
  readonly causal?: boolean;
  /** Multiplies every product of a query and a key. Default 1/√d. */
  readonly scale?: number;
  /** Drop each weight with chance p, and multiply the others by 1/(1 − p). Default: none. */
  readonly dropout?: { readonly p: number; readonly rng: Rng };
  /**
   * So many heads lie side by side in the last axis, q […, t, heads·d], k […, s, heads·d], v […, s, heads·e], and so do their results:
   * what a projection gives need not be cut. Default: one, or heads on a leading axis.
   */
  readonly heads?: number;
}

/** A whole number from which all masks follow: nothing else need be kept. */
const seedFrom = (rng: Rng): number => rng.bits() * 2 ** 20 + (rng.bits() >>> 12);

/**
 * softmax(scale·q·kᵀ + mask)·v: for each query, the mean of the values, weighted by how well their keys fit.
 *
 * Operands q […, t, d], k […, s, d], v […, s, e] with equal leading axes (batch, heads); the result is […, t, e]. A query that may
 * see no key gets zeros, and no gradient comes of it. An additive mask gets a gradient. The weights […, t, s] are never formed
 * as a whole, forward or backward, except in a pass with `createGraph`.
 * @throws ShapeError when shapes do not fit; DTypeError unless q, k, v (and an additive mask) are of one floating dtype;
 * DomainError for an unknown option, or a value that is not one
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762; working through queries block by block: Dao et al.,
 * "FlashAttention", arXiv 2205.14135
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  attrs: ScaledDotProductAttentionAttrs = {},
): Tensor {
  const op = 'scaledDotProductAttention';
  checkOptions(op, attrs, ['mask', 'causal', 'scale', 'dropout', 'heads']);
  const { mask, causal = false, scale, dropout, heads } = attrs;
  const operands = mask === undefined ? [q, k, v] : [q, k, v, mask];
  for (const x of operands) checkTensor(op, x);
  checkSettings(op, causal, scale);
  checkOperands(op, operands, heads);
  if (dropout !== undefined) {
    checkOptions(op, dropout, ['p', 'rng']);
    checkChance(op, dropout.p, dropout.rng);
  }
  return attention(operands, {
    causal,
    ...(scale === undefined ? {} : { scale }),
    ...(heads === undefined ? {} : { heads }),
    ...(dropout === undefined || dropout.p === 0 ? {} : { dropout: { p: dropout.p, seed: seedFrom(dropout.rng) } }),
  });
}
