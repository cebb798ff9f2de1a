/** What the device leaves to the host for a reason of its own kernels: the result is right, and the reason is told. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gpuDevice } from '../../src/gpu.ts';
import { embeddingDistanceGradKernel } from '../../src/hyperbolic/embedding.kernel.ts';
import { lorentzPairsGradKernel } from '../../src/hyperbolic/layers/lorentzPairs.kernel.ts';
import { radialKernel } from '../../src/hyperbolic/radial.kernel.ts';
import { cast, full, Rng, type Tensor, tensor } from '../../src/index.ts';
import { attentionGradKernel } from '../../src/tensor/cpu/attention.ts';
import { sparseMatmulKernel } from '../../src/tensor/cpu/sparse.ts';
import { attentionWithin } from '../../src/tensor/gpu/kernels/attention.ts';
import { openDevice } from '../../src/tensor/gpu/open.ts';
import { numbers } from '../harness/gpuKernel.ts';

const rng = new Rng(2);
const whole = (values: readonly number[]): Tensor => tensor(Int32Array.from(values));
const operands = { dy: numbers(rng, [3]), x: numbers(rng, [3, 2]), c: full([], 1) };

describe('a kernel that a text cannot be', async () => {
  const gpu = await gpuDevice({ mode: 'cpu' });
  /** Whole numbers that the host does not see: the device made them. */
  const unseen = (values: readonly number[]): Tensor => cast(tensor(Float32Array.from(values)).to(gpu), 'int32');

  const agrees = async (name: string, reason: string, found: Tensor, expected: Tensor): Promise<void> => {
    assert.equal(gpu.info().fallbacks[name]?.reason, reason);
    for (const [i, y] of (await found.read()).entries()) assert.ok(Math.abs(y - expected.data[i]) < 1e-6);
  };

  test("the transpose of a sparse pattern that the host does not see; the product itself is the device's", async () => {
    const { dy, x } = operands;
    const [starts, places, by] = [[0, 2, 2, 3], [0, 1, 1], { transposed: true, columns: 2 }] as const;
    assert.ok(!unseen(starts).onHost);
    const far = [unseen(starts), unseen(places), dy.to(gpu), x.to(gpu)] as const;
    const here = [whole(starts), whole(places), dy, x] as const;
    await agrees(
      'sparseMatmul',
      'transposes a pattern that the host does not see',
      sparseMatmulKernel(far, by),
      sparseMatmulKernel(here, by),
    );
    const { count } = gpu.info().fallbacks.sparseMatmul;
    await sparseMatmulKernel(far.with(3, numbers(rng, [2, 2]).to(gpu)) as unknown as typeof far, {
      transposed: false,
      columns: 2,
    }).read();
    assert.equal(gpu.info().fallbacks.sparseMatmul.count, count);
  });

  test('sums over rows that the host does not see', async () => {
    const { dy, x, c } = operands;
    const why = 'adds up over rows that the host does not see';
    const pairs = [0, 1, 1, 2, 2, 2];
    const listed = (p: Tensor): Tensor => p.rawView([3, 2]);
    await agrees(
      'lorentzPairsGrad',
      why,
      lorentzPairsGradKernel([dy.to(gpu), x.to(gpu), listed(unseen(pairs))], undefined),
      lorentzPairsGradKernel([dy, x, listed(whole(pairs))], undefined),
    );
    const attrs = { model: 'lorentz', curvature: true } as const;
    const column = (p: Tensor): Tensor => p.rawView([3, 1]);
    const [to] = embeddingDistanceGradKernel(
      [column(dy.to(gpu)), x.to(gpu), unseen([0, 1, 2]), column(unseen([1, 2, 0])), c.to(gpu)],
      attrs,
    );
    const [expected] = embeddingDistanceGradKernel(
      [column(dy), x, whole([0, 1, 2]), column(whole([1, 2, 0])), c],
      attrs,
    );
    await agrees('embeddingDistanceGrad', why, to, expected);
  });

  test('high derivatives of a radial function', async () => {
    const s = tensor([0.5, 1, 2]);
    const attrs = { name: 'sinhcRoot', order: 3 } as const;
    await agrees('radial', 'has derivatives up to order 2', radialKernel([s.to(gpu)], attrs), radialKernel([s], attrs));
  });

  test('the gradient of a mask, where heads are worked through a few at a time', async () => {
    const few = await openDevice({ mode: 'cpu' }, attentionWithin(4));
    const inputs = [0, 1, 2, 3].map(() => numbers(rng, [3, 2, 2]));
    const mask = numbers(rng, [2, 2]);
    const attrs = { causal: false, scale: 1, dropout: null, heads: null, needsMask: true };
    const run = (to: (x: Tensor) => Tensor) =>
      attentionGradKernel([...inputs, mask].map(to) as unknown as Parameters<typeof attentionGradKernel>[0], attrs)[3];
    const found = await run((x) => x.to(few)).read();
    assert.equal(
      few.info().fallbacks.attentionGrad.reason,
      'works through some heads at a time, which gives a mask no gradient',
    );
    for (const [i, y] of run((x) => x).data.entries()) assert.ok(Math.abs(y - found[i]) < 1e-6);
  });
});
