/** A formula is one call of a device that has code for its name, and the composition of ops everywhere else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gpuDevice } from '../../src/gpu.ts';
import { backward, DeviceError, meta, noGrad, Rng, randn, ShapeError, type Tensor } from '../../src/index.ts';
import { defaultGradient, enhancedGradient, sigmaGradient, spectralForward } from '../../src/sst/index.ts';
import { openDevice } from '../../src/tensor/gpu/open.ts';
import { tensorTable } from '../../src/tensor/gpu/table.ts';

const rng = new Rng(5);
const [z, p, sigma, ut, dy] = [[4, 3], [4, 3], [3], [3, 5], [4, 5]].map((shape) => randn(shape, rng));

const calls: Readonly<Record<string, (to: (x: Tensor) => Tensor) => Tensor>> = {
  spectralForward: (to) => spectralForward(to(z), to(sigma), to(ut)),
  sigmaGradient: (to) => sigmaGradient(to(p), to(z)),
  defaultGradient: (to) => defaultGradient(to(z), to(sigma), to(dy)),
  enhancedGradient: (to) => enhancedGradient(to(z), to(dy)),
};

const near = (found: ArrayLike<number>, { data }: Tensor): void => {
  assert.equal(found.length, data.length);
  for (const [i, e] of data.entries()) assert.ok(Math.abs(found[i] - e) < 1e-5, `${i}: ${found[i]}, not ${e}`);
};

describe('a formula', async () => {
  const gpu = await gpuDevice({ mode: 'cpu' });
  const bare = await openDevice({ mode: 'cpu' }, tensorTable);

  for (const [name, call] of Object.entries(calls)) {
    test(`${name} is one launch where the device has it`, async () => {
      const operands = new Map([z, p, sigma, ut, dy].map((x) => [x, x.to(gpu)]));
      const before = gpu.info();
      const y = noGrad(() => call((x) => operands.get(x) as Tensor));
      assert.equal(gpu.info().launches - before.launches, 1);
      assert.deepEqual(gpu.info().fallbacks, before.fallbacks);
      near(
        await y.read(),
        call((x) => x),
      );
    });

    test(`${name} is a composition where it does not`, async () => {
      assert.ok(!bare.has(name));
      near(
        await call((x) => x.to(bare)).read(),
        call((x) => x),
      );
      assert.equal(bare.info().fallbacks[name], undefined);
    });
  }

  test('records as a composition when an operand requires a gradient', async () => {
    const [far, here] = [z.to(gpu), z.detach()];
    for (const x of [far, here]) x.requiresGrad = true;
    backward(spectralForward(far, sigma.to(gpu), ut.to(gpu)), { gradOutput: dy.to(gpu) });
    backward(spectralForward(here, sigma, ut), { gradOutput: dy });
    near(await (far.grad as Tensor).read(), here.grad as Tensor);
  });

  test('has a shape without values', () => {
    assert.deepEqual(calls.defaultGradient((x) => x.to(meta)).shape, [3, 5]);
  });

  test('refuses operands that do not fit, or are not together, before anything runs', () => {
    const before = gpu.info().launches;
    const [a, b, c] = [z, sigma, dy].map((x) => x.to(gpu));
    assert.throws(
      () => noGrad(() => spectralForward(a, b, c)),
      new ShapeError('spectralForward', `axis 'k' is 3 and 4 in (… k, k, k m -> … m)`, [
        z.shape,
        sigma.shape,
        dy.shape,
      ]),
    );
    assert.throws(() => noGrad(() => enhancedGradient(a, dy)), DeviceError);
    assert.equal(gpu.info().launches - before, 0);
  });
});
