import {
  type AttentionKernelAttrs,
  type AttentionOperands,
  dropoutRow,
  type Layout,
  layoutOf,
  maskStart,
} from '../../cpu/attentionBlock.ts';
import { sizeOf } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { merged } from '../broadcast.ts';
import { mostFinite } from '../functions.ts';
import type { GpuArray } from '../held.ts';
import { type GpuKernel, type GpuTable, gpuKernel, type Launcher, mostElements, type Operand } from '../overlay.ts';
import { largest, sums } from '../reduce.ts';
import {
  alongRows,
  arrivingText,
  combineText,
  interleaveText,
  joinText,
  type Masked,
  powerSums,
  scoresTexts,
  spreadText,
  throughText,
  timesText,
  weightsText,
} from './attentionTexts.ts';

/** The least finite number: a mask below it is −∞. */
const lowest = -mostFinite;

/** What all launches for one call share. */
interface Call extends Layout {
  readonly on: Launcher;
  readonly attrs: AttentionKernelAttrs;
  /** Heads side by side in an operand, and all of them. */
  readonly heads: number;
  readonly all: number;
  readonly causal: 0 | 1;
}

function callOf(on: Launcher, inputs: AttentionOperands, attrs: AttentionKernelAttrs): Call {
  const layout = layoutOf(inputs, attrs.heads);
  return { ...layout, on, attrs, heads: attrs.heads ?? 1, all: sizeOf(layout.batch), causal: attrs.causal ? 1 : 0 };
}

/** Some of the heads, as many as have room for their weights. */
interface Part {
  readonly first: number;
  readonly count: number;
  /** How many heads results have side by side. */
  readonly side: number;
}

function partsOf({ all, t, s, heads }: Call, room: number): readonly Part[] {
  const most = Math.max(1, Math.floor(room / Math.max(1, t * s)));
  if (all <= most) return [{ first: 0, count: all, side: heads }];
  return Array.from({ length: Math.ceil(all / most) }, (_, i) => {
    const first = i * most;
    return { first, count: Math.min(most, all - first), side: 1 };
  });
}

/** The results of all parts as one array [entry, n, heads, size]. */
function joined({ on, all, heads }: Call, parts: readonly GpuArray[], n: number, size: number): GpuArray {
  if (parts.length === 1) return parts[0];
  const apart = parts.reduce((x, y) => on.launch(joinText, x.size + y.size, [x, y, x.size]));
  return heads === 1 ? apart : on.launch(interleaveText, all * n * size, [apart, heads, n, size]);
}

/** A mask with the place where it begins for each head. */
interface Mask {
  readonly kind: Masked;
  readonly arrays: readonly GpuArray[];
  readonly numbers: readonly number[];
}

function maskOf(call: Call, mask: Operand | undefined): Mask {
  if (mask === undefined) return { kind: 'none', arrays: [], numbers: [] };
  const { on, all, batch, strides } = call;
  const starts = on.upload(Float32Array.from({ length: all }, (_, head) => maskStart(head, call)));
  const kind = mask.dtype === 'bool' ? 'bool' : 'float32';
  const numbers = [...strides.slice(batch.length), ...(kind === 'bool' ? [] : [lowest])];
  return { kind, arrays: [mask.array, starts], numbers };
}

/** The weights of a part, [count, t, s]. */
function weightsOf(call: Call, { first, count }: Part, q: GpuArray, k: GpuArray, mask: Mask): GpuArray {
  const { on, t, s, d, heads, causal, attrs } = call;
  const rows = count * t;
  const numbers = [first, heads, t, s, d, attrs.scale, causal, -Infinity, ...mask.numbers];
  const scores = on.launch(scoresTexts[mask.kind], rows * s, [q, k, ...mask.arrays, ...numbers]);
  const blocks = { outer: rows, middle: s, inner: 1 };
  const most = largest(on, blocks, [scores]);
  const powers = powerSums(on, blocks, [scores, most], { lowest });
  return on.launch(weightsText, rows * s, [scores, most, powers, s, lowest]);
}

/** What dropout multiplies the weights of a part by; null without. The host draws it: its integers have 32 bits. */
function factorsOf({ on, t, s, attrs: { dropout } }: Call, { first, count }: Part): GpuArray | null {
  if (dropout === null) return null;
  const factors = new Float32Array(count * t * s);
  for (let row = 0; row < count * t; row++) dropoutRow(factors, dropout, first * t + row, s, row * s, 1);
  return on.upload(factors);
}

const times = ({ on }: Call, x: GpuArray, factors: GpuArray | null): GpuArray =>
  factors === null ? x : on.launch(timesText, x.size, [x, factors]);

/** Rows together as their weights say, or with `spreadText` the other way; `n` rows come of it, of `size` numbers. */
const rowsBy = (
  { on, t, s, heads, causal }: Call,
  { first, count, side }: Part,
  text: typeof combineText,
  [weights, rows]: readonly [GpuArray, GpuArray],
  n: number,
  size: number,
  factor: number,
): GpuArray => on.launch(text, count * n * size, [weights, rows, first, heads, side, t, s, size, factor, causal]);

/** The gradient of a mask: that of the scores of all heads, summed over what the mask was broadcast along. */
function byMask({ on, batch, t, s, strides }: Call, ds: GpuArray): GpuArray {
  const walk = merged({ sizes: [...batch, t, s], strides: [strides] });
  let [x, inner] = [ds, 1];
  for (const [axis, middle] of [...walk.sizes.entries()].reverse()) {
    if (walk.strides[0][axis] !== 0) inner *= middle;
    else x = sums(on, { outer: sizeOf(walk.sizes.slice(0, axis)), middle, inner }, [x]);
  }
  return x;
}

/** Gradients of q, k, v and the scores for the heads of a part. */
function gradientsOf(call: Call, part: Part, [dy, q, k, v]: readonly GpuArray[], mask: Mask): readonly GpuArray[] {
  const { on, t, s, d, e, heads, attrs } = call;
  const { first, count } = part;
  const p = weightsOf(call, part, q, k, mask);
  const factors = factorsOf(call, part);
  const g = times(call, on.launch(arrivingText, p.size, [dy, v, first, heads, t, s, e]), factors);
  const along = alongRows(on, { outer: count * t, middle: s, inner: 1 }, [p, g]);
  const ds = on.launch(throughText, p.size, [p, g, along, s]);
  return [
    rowsBy(call, part, combineText, [ds, k], t, d, attrs.scale),
    rowsBy(call, part, spreadText, [ds, q], s, d, attrs.scale),
    rowsBy(call, part, spreadText, [times(call, p, factors), dy], s, e, 1),
    ds,
  ];
}

/** Why a call is left to the host. */
const tooLong = ({ t, s }: Layout, room: number): string | null =>
  t * s > room ? `forms the weights of a head, and ${t}·${s} are too many` : null;

const tensorsOf = (inputs: readonly Operand[]): AttentionOperands =>
  inputs.map((x) => x.tensor) as readonly Tensor[] as AttentionOperands;

const forward = (room: number): GpuKernel =>
  gpuKernel<AttentionKernelAttrs>({
    refuses: (inputs, attrs) => tooLong(layoutOf(inputs as AttentionOperands, attrs.heads), room),
    run(on, inputs, attrs, [{ shape }]) {
      const [q, k, v, mask] = inputs;
      const call = callOf(on, tensorsOf(inputs), attrs);
      const { t, s, e } = call;
      if (sizeOf(shape) === 0 || s === 0) return [on.full(sizeOf(shape), 0)];
      const masked = maskOf(call, mask);
      const parts = partsOf(call, room).map((part) => {
        const p = times(call, weightsOf(call, part, q.array, k.array, masked), factorsOf(call, part));
        return rowsBy(call, part, combineText, [p, v.array], t, e, 1);
      });
      return [joined(call, parts, t, e)];
    },
  });

const backward = (room: number): GpuKernel =>
  gpuKernel<AttentionKernelAttrs & { readonly needsMask: boolean }>({
    refuses([, ...inputs], attrs) {
      const layout = layoutOf(inputs as readonly Tensor[] as AttentionOperands, attrs.heads);
      const weights = sizeOf(layout.batch) * layout.t * layout.s;
      if (attrs.needsMask && weights > room)
        return 'works through some heads at a time, which gives a mask no gradient';
      return tooLong(layout, room);
    },
    run(on, [dy, ...inputs], attrs, specs) {
      const [q, k, v, mask] = inputs;
      const call = callOf(on, tensorsOf(inputs), attrs);
      const { t, s, d, e, all } = call;
      if (all * t * s === 0) return specs.map(({ shape }) => on.full(sizeOf(shape), 0));
      const masked = maskOf(call, mask);
      const operands = [dy, q, k, v].map((x) => x.array);
      const parts = partsOf(call, room).map((part) => gradientsOf(call, part, operands, masked));
      const sizes = [
        [t, d],
        [s, d],
        [s, e],
      ] as const;
      const gradients = sizes.map(([n, size], i) =>
        joined(
          call,
          parts.map((part) => part[i]),
          n,
          size,
        ),
      );
      return attrs.needsMask ? [...gradients, byMask(call, parts[0][3])] : gradients;
    },
  });

/**
 * Attention whose weights exist for as many heads at a time as have room, `room` numbers: on a GPU they are made once for all elements of
 * a result, not in every thread.
 */
export const attentionWithin = (room: number): GpuTable => ({
  attention: forward(room),
  attentionGrad: backward(room),
});

/** Attention. */
export const attentionKernels: GpuTable = attentionWithin(mostElements);
