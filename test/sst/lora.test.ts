/** What LoRA and ReLoRA* do beyond the laws that all methods share. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, noGrad, Rng, randn, type Tensor } from '../../src/index.ts';
import { adam, Linear, type Optimizer, type Parameter } from '../../src/nn/index.ts';
import { LoraLinear, lora, type Method, relora } from '../../src/sst/index.ts';
import { assertClose, assertSame } from '../harness/compare.ts';
import { pull } from '../harness/method.ts';
import { checkLinearMap } from '../harness/module.ts';
import { distance, plain } from './plain.ts';

const f64 = { dtype: 'float64' } as const;
const sizes = fc.record({ m: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 6 }), seed: fc.nat(1000) });
const zero = (t: Tensor | null): boolean => t?.data.every((v) => v === 0) === true;

checkLinearMap({
  name: 'LoraLinear',
  make(options) {
    const layer = new LoraLinear(new Linear(4, 3, options), { rank: 2, alpha: 3, rng: options.rng });
    layer.loraB.assign_(
      randn([3, 2], options.rng, { dtype: options.dtype, ...(options.device && { device: options.device }) }),
    );
    return layer;
  },
  inFeatures: 4,
  outFeatures: 3,
  size: 3 * 4 + 2 * (3 + 4) + 3,
});

describe('LoRA', () => {
  test('A starts uniform on ±1/√n, B at zero, the frozen weight is the one it was made from', () => {
    const rng = new Rng(1);
    const linear = new Linear(100, 30, { rng, ...f64 });
    const { loraA, loraB, weight, scaling } = new LoraLinear(linear, { rank: 20, rng });
    assert.ok(
      loraA.data.every((v) => Math.abs(v) <= 0.1) && loraA.data.some((v) => v > 0.099),
      'A is not uniform on ±1/√n',
    );
    assert.ok(zero(loraB) && !weight.requiresGrad && weight.storage === linear.weight.storage, 'B or W0');
    assert.equal(scaling, 1);
  });

  test('alpha scales what the adapter adds by alpha/r, r after it is cut to min(m, n)', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.constantFrom(0.5, 2, 16), ({ m, n, seed }, rank, alpha) => {
        const linear = new Linear(n, m, { rng: new Rng(seed), ...f64 });
        const layer = new LoraLinear(linear, { rank, alpha, rng: new Rng(seed) });
        const r = Math.min(rank, m, n);
        layer.loraB.assign_(randn([m, r], new Rng(seed), f64));
        const BA = noGrad(() => layer.loraB.matmul(layer.loraA));
        assertClose(
          noGrad(() => layer.deltaWeight()),
          BA.mul(alpha / r),
          1e-14,
          'ΔW',
        );
        const W = linear.weight.detach().add(BA.mul(alpha / r));
        assertClose(layer.merge().weight.detach(), W, 1e-14, 'W');
        const x = randn([3, n], new Rng(seed), f64);
        const y = x.matmul(W, { transB: true }).add((linear.bias as Parameter).detach());
        assertClose(layer.call(x).detach(), y, 1e-12, 'y');
      }),
    );
  });

  test('a rank or an alpha out of range is refused', () => {
    const rng = new Rng(1);
    for (const rank of [0, 1.5, Number.NaN]) {
      assert.throws(() => lora({ rank, rng }), DomainError);
      assert.throws(() => new LoraLinear(new Linear(2, 2, { rng }), { rank, rng }), DomainError);
    }
    assert.throws(() => new LoraLinear(new Linear(2, 2, { rng }), { rank: 1, alpha: Number.NaN, rng }), DomainError);
  });
});

describe('ReLoRA*', () => {
  function made(rng: Rng): {
    layer: LoraLinear;
    method: Method<LoraLinear>;
    optimizer: Optimizer;
    step: (n: number) => void;
  } {
    const method = relora({ rank: 2, rng, mergeInterval: 4, warmup: 2 });
    const layer = method.attach(new Linear(5, 4, { rng, ...f64 })) as LoraLinear;
    const optimizer = adam(
      layer.parameters().filter((p) => p.requiresGrad),
      { lr: 0.1 },
    );
    const step = (n: number): void => {
      for (let i = 0; i < n; i++) {
        pull(layer, rng);
        optimizer.step();
      }
    };
    return { layer, method, optimizer, step };
  }

  test('merges at every multiple of the interval but 0, keeps the function, starts a new A, and forgets the pair only', async () => {
    const { layer, method, optimizer, step } = made(new Rng(2));
    const merged = async (at: number): Promise<number[]> => {
      step(1);
      const [before, A] = [noGrad(() => layer.weight.add(layer.deltaWeight())), layer.loraA.detach().mul(1)];
      const events = (await method.onStep?.(at, [layer], optimizer)) ?? [];
      const after = noGrad(() => layer.weight.add(layer.deltaWeight()));
      assertSame(after, before, 'W + BA');
      assert.equal(zero(layer.loraB), events.length > 0);
      assert.equal(distance(plain(layer.loraA), plain(A)) > 0.01, events.length > 0);
      if (events.length === 0) return [];
      assert.deepEqual(events, [{ type: 'merge', step: at, cleared: 2 * (layer.loraA.size + layer.loraB.size) }]);
      assert.deepEqual(
        [layer.loraA, layer.loraB].map((p) => optimizer.stateOf(p)),
        [{}, {}],
      );
      assert.notDeepEqual(optimizer.stateOf(layer.bias as Parameter), {});
      return [at];
    };
    const due: number[] = [];
    for (const at of [0, 1, 3, 4, 5, 8]) due.push(...(await merged(at)));
    assert.deepEqual(due, [4, 8]);
  });

  test('right after a merge the gradient of A is exactly 0 and that of B is not: Bᵀ·G with B = 0', () => {
    const rng = new Rng(3);
    const { layer, method, optimizer, step } = made(rng);
    step(3);
    pull(layer, rng);
    assert.ok(!zero(layer.loraA.grad), 'A has a gradient before the merge');
    method.onStep?.(4, [layer], optimizer);
    pull(layer, rng);
    assert.ok(zero(layer.loraA.grad) && !zero(layer.loraB.grad), 'after the merge A has no gradient, and B has one');
    assert.ok(!layer.weight.requiresGrad && layer.weight.grad === null, 'W0 is frozen');
  });

  test('warms up after every merge; an interval or warm-up out of range is refused', () => {
    const { schedule } = made(new Rng(1)).method;
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((s) => schedule?.(s)),
      [0.5, 1, 1, 1, 0.5, 1],
    );
    for (const bad of [{ mergeInterval: 0 }, { warmup: -1 }, { rank: 0 }])
      assert.throws(() => relora({ rank: 1, rng: new Rng(1), ...bad }), DomainError);
  });
});
