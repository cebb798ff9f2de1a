/**
 * Reductions, softmax, normalisation, losses and attention, forward and with their gradients.
 *
 *     npm run bench -- rows
 */
import {
  crossEntropy,
  grad,
  layerNorm,
  logSoftmax,
  max,
  mean,
  Rng,
  randn,
  rmsNorm,
  scaledDotProductAttention,
  softmax,
  sum,
  type Tensor,
  tensor,
  variance,
} from '../../src/index.ts';
import { type Case, suite } from './suite.ts';

const rng = new Rng(1);
const [rows, width] = [4096, 512];
const x = randn([rows, width], rng, { requiresGrad: true });
const [weight, bias, dy] = [randn([width], rng), randn([width], rng), randn([rows, width], rng)];
const target = tensor(Int32Array.from({ length: rows }, (_, i) => i % width));

const forward = (name: string, f: () => Tensor): Case => ({
  name,
  work: x.size,
  unit: 'elements',
  operands: [x, weight, bias],
  run: f,
});

/** The same with its gradient. */
const both = (name: string, f: () => Tensor): Case => ({
  name: `${name}, with gradient`,
  work: x.size,
  unit: 'elements',
  operands: [x, weight, bias, dy],
  run() {
    const y = f();
    return y.rank === 0 ? grad(y, [x]) : grad(y, [x], { gradOutputs: [dy] });
  },
});

const functions: Readonly<Record<string, () => Tensor>> = {
  softmax: () => softmax(x),
  logSoftmax: () => logSoftmax(x),
  layerNorm: () => layerNorm(x, { weight, bias }),
  rmsNorm: () => rmsNorm(x, { weight }),
  crossEntropy: () => crossEntropy(x, target),
};

/** Attention of 8 sequences of 128, 4 heads of 64. */
function attentionCases(): Case[] {
  const shape = [8, 4, 128, 64];
  const [q, k, v] = [0, 1, 2].map(() => randn(shape, rng, { requiresGrad: true }));
  const work = 4 * 8 * 4 * 128 * 128 * 64;
  const attend = (): Tensor => scaledDotProductAttention(q, k, v);
  return [
    { name: 'attention 8×4×128×64', work, unit: 'flops', operands: [q, k, v], run: attend },
    {
      name: 'attention 8×4×128×64, with gradient',
      work: 3.5 * work,
      unit: 'flops',
      operands: [q, k, v],
      run: () => grad(sum(attend()), [q, k, v]),
    },
  ];
}

await suite('rows of [4096, 512]', [
  forward('sum of rows', () => sum(x, { axis: -1 })),
  forward('sum of columns', () => sum(x, { axis: 0 })),
  forward('sum', () => sum(x)),
  forward('mean of rows', () => mean(x, { axis: -1 })),
  forward('max of rows', () => max(x, { axis: -1 })),
  forward('variance of rows', () => variance(x, { axis: -1 })),
  ...Object.entries(functions).flatMap(([name, f]) => [forward(name, f), both(name, f)]),
  ...attentionCases(),
]);
