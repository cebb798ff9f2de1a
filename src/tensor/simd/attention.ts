import type { AttentionKernelAttrs, AttentionOperands, Layout } from '../cpu/attentionBlock.ts';
import { layoutOf, maskStart } from '../cpu/attentionBlock.ts';
import { sizeOf } from '../shape.ts';
import { Storage } from '../storage.ts';
import { Tensor } from '../tensor.ts';
import { attentionFamily } from './attentionPasses.ts';
import { headWords, settingsOf } from './attentionSettings.ts';
import { launch, type Share } from './launch.ts';
import { isFloat32, overlay } from './overlay.ts';

type Attrs = AttentionKernelAttrs;

/** Elements of a row: kernels read up to three rows beyond the last one. */
const widest = 2 ** 14;

/** float32, nothing empty, no wide rows, and a mask that says something of every key. */
function accepts([q, k, v, mask]: AttentionOperands): boolean {
  const s = k.shape[k.rank - 2];
  return (
    isFloat32([q, k, v]) &&
    Math.max(q.shape[q.rank - 1], v.shape[v.rank - 1]) <= widest &&
    k.size > 0 &&
    v.size > 0 &&
    (mask === undefined ||
      (mask.size > 0 && (mask.dtype === 'bool' || mask.dtype === 'float32') && (mask.shape[mask.rank - 1] ?? 1) === s))
  );
}

/** Words that a kernel reads: not a value of anybody's. */
const wordTensor = (words: Int32Array): Tensor => new Tensor(new Storage(words), [words.length], 'int32');

/** Where each head lies: see `headWords`. Heads side by side share rows. */
function tableOf(layout: Layout, beside: number, maskBytes: number): Tensor {
  const { t, s, d, e } = layout;
  const heads = sizeOf(layout.batch);
  const words = new Int32Array(heads * headWords);
  for (let head = 0; head < heads; head++) {
    const place = head % beside;
    const startOf = (rows: number, width: number): number => 4 * ((head - place) * rows + place) * width;
    const starts = [startOf(t, d), startOf(s, d), startOf(s, e), startOf(t, e)];
    words.set([...starts, maskBytes * maskStart(head, layout), head * t], head * headWords);
  }
  return wordTensor(words);
}

/** Operands read and written whole: heads say where they lie. */
const wholly = (tensor: Tensor, write: boolean): Share => ({ tensor, step: 0, write });

/** Run a pass over all heads: results, operands, the words. */
function run(
  name: 'attention' | 'attentionGrad',
  results: readonly Tensor[],
  arriving: readonly Tensor[],
  operands: AttentionOperands,
  attrs: Attrs,
  dmask?: Tensor,
): boolean {
  const [q, k, v, mask] = operands;
  const layout = layoutOf(operands, attrs.heads);
  const { batch, t, s, d, e } = layout;
  const backward = name === 'attentionGrad';
  const kind = mask === undefined ? 'none' : mask.dtype === 'bool' ? 'bool' : 'numbers';
  const { words, scratch } = settingsOf({ layout, attrs, backward, mask: kind, maskGradient: dmask?.size ?? 0 });
  const table = tableOf(layout, attrs.heads ?? 1, kind === 'bool' ? 1 : 4);
  const shares = [
    ...results.map((y) => wholly(y, true)),
    ...(backward ? [wholly(dmask ?? table, dmask !== undefined)] : []),
    ...[...arriving, q, k, v, mask ?? table, wordTensor(words)].map((x) => wholly(x, false)),
    { tensor: table, step: headWords },
  ];
  const count = sizeOf(batch);
  const cost = (t * s * (backward ? 6 * d + 4 * e : 2 * d + 2 * e)) / 40;
  // Heads may share a mask, so that its gradient is one thread's.
  const grain = dmask === undefined ? 1 : count;
  return launch(attentionFamily(name), shares, { count, grain, cost, scratch });
}

/**
 * Lay attention and its gradient over their definitions. Scores, their sums and the weights are float32 numbers: results differ from the
 * definition's by up to 1e-5 of the largest element, and scores beyond the range of float32 are infinite. Each thread has room for up to
 * 64 queries' weights.
 */
export function layAttention(): void {
  overlay<AttentionOperands, Attrs, readonly [Tensor]>('attention', {
    accepts,
    run: (results, operands, attrs) => run('attention', results, [], operands, attrs),
  });
  overlay<readonly [Tensor, ...AttentionOperands], Attrs & { readonly needsMask: boolean }, readonly Tensor[]>(
    'attentionGrad',
    {
      accepts: ([dy, ...operands]) => dy.dtype === 'float32' && accepts(operands),
      run: ([dq, dk, dv, dmask], [dy, ...operands], attrs) =>
        run('attentionGrad', [dq, dk, dv], [dy], operands, attrs, dmask),
    },
  );
}
