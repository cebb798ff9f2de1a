import type { Rng, Shape, Tensor } from '../../../src/index.ts';
import { attentionGradKernel, attentionKernel } from '../../../src/tensor/cpu/attention.ts';
import type { AttentionKernelAttrs, AttentionOperands } from '../../../src/tensor/cpu/attentionBlock.ts';
import { coins, type GpuCall, type GpuCase, numbers } from '../../harness/gpuKernel.ts';

/** A call: leading axes, queries, keys, numbers in a key and in a value, and what is asked. */
interface Setting {
  readonly lead: Shape;
  readonly t: number;
  readonly s: number;
  readonly d: number;
  readonly e: number;
  readonly mask?: { readonly shape: Shape; readonly kind: 'bool' | 'added' | 'hidden' };
  readonly attrs?: Partial<AttentionKernelAttrs>;
  /** Of queries and keys. Default 1. */
  readonly spread?: number;
}

const settings: readonly Setting[] = [
  { lead: [], t: 0, s: 3, d: 2, e: 2 },
  { lead: [2], t: 3, s: 0, d: 2, e: 2 },
  { lead: [2], t: 3, s: 2, d: 0, e: 3 },
  { lead: [], t: 1, s: 1, d: 1, e: 1 },
  { lead: [2, 3], t: 5, s: 7, d: 3, e: 4 },
  { lead: [2], t: 5, s: 7, d: 3, e: 4, attrs: { causal: true } },
  { lead: [2], t: 7, s: 5, d: 3, e: 4, attrs: { causal: true, heads: 3 } },
  { lead: [2], t: 5, s: 7, d: 3, e: 4, attrs: { heads: 3 }, mask: { shape: [2, 1, 1, 7], kind: 'bool' } },
  { lead: [2, 3], t: 5, s: 7, d: 3, e: 4, mask: { shape: [5, 1], kind: 'bool' } },
  { lead: [2], t: 5, s: 7, d: 3, e: 4, attrs: { causal: true }, mask: { shape: [5, 7], kind: 'added' } },
  { lead: [2], t: 5, s: 7, d: 3, e: 4, mask: { shape: [2, 5, 7], kind: 'hidden' } },
  { lead: [2, 3], t: 5, s: 7, d: 3, e: 4, mask: { shape: [3, 1, 7], kind: 'added' } },
  { lead: [2], t: 65, s: 33, d: 3, e: 4, attrs: { heads: 2 }, mask: { shape: [33], kind: 'added' } },
  { lead: [2], t: 5, s: 7, d: 3, e: 4, attrs: { heads: 2, dropout: { p: 0.4, seed: 11 } } },
  { lead: [3], t: 65, s: 257, d: 33, e: 17, attrs: { heads: 2, causal: true }, spread: 2 },
  { lead: [2], t: 17, s: 1024, d: 5, e: 3, spread: 4 },
];

/** Hidden keys are some that −∞ is added to, and one query's keys altogether. */
function maskFor(rng: Rng, { shape, kind }: NonNullable<Setting['mask']>): Tensor {
  if (kind === 'bool') return coins(rng, shape, 0.7);
  const mask = numbers(rng, shape, { of: (x) => (kind === 'hidden' && x > 0.5 ? -Infinity : x) });
  if (kind === 'hidden') mask.data.fill(-Infinity, 0, shape[shape.length - 1]);
  return mask;
}

/** Operands and attributes of the forward kernel. */
function operandsFor(rng: Rng, setting: Setting): readonly [AttentionOperands, AttentionKernelAttrs] {
  const { lead, t, s, d, e, mask, spread = 1 } = setting;
  const attrs = { causal: false, scale: 1 / Math.sqrt(d || 1), dropout: null, heads: null, ...setting.attrs };
  const heads = attrs.heads ?? 1;
  const [q, k] = [t, s].map((n) => numbers(rng, [...lead, n, heads * d], { scale: spread }));
  const v = numbers(rng, [...lead, s, heads * e]);
  return [[q, k, v, ...(mask === undefined ? [] : [maskFor(rng, mask)])], attrs];
}

/** A key that is NaN and hidden is not there; one that is seen makes its query NaN. */
function hiddenKey(rng: Rng): GpuCall {
  const [operands, attrs] = operandsFor(rng, {
    lead: [],
    t: 2,
    s: 3,
    d: 2,
    e: 2,
    mask: { shape: [2, 3], kind: 'added' },
  });
  const [, k, , mask] = operands;
  k.data[2] = Number.NaN;
  mask.data[1] = -Infinity;
  return [operands, attrs];
}

const forward = (rng: Rng): readonly GpuCall[] => [
  ...settings.map((setting): GpuCall => operandsFor(rng, setting)),
  hiddenKey(rng),
];

const backward = (rng: Rng): readonly GpuCall[] =>
  settings.map((setting): GpuCall => {
    const [operands, attrs] = operandsFor(rng, setting);
    const [q, , v] = operands;
    const dy = numbers(rng, [...q.shape.slice(0, -1), v.shape[v.rank - 1]]);
    return [[dy, ...operands], { ...attrs, needsMask: operands[3]?.dtype === 'float32' }];
  });

/** Attention: errors are those of products, of which it is two, relative to the largest element. */
export const attentionCases: readonly GpuCase[] = [
  { name: 'attention', kernel: attentionKernel, calls: forward, tolerance: 1e-5, of: 'result' },
  { name: 'attentionGrad', kernel: attentionGradKernel, calls: backward, tolerance: 1e-5, of: 'result' },
];
