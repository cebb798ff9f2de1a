/** The laws of a training method: it starts as what it replaces, trains what it says, and folds back into dense layers. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { backward, mean, mul, noGrad, Rng, randn, square, sub, sum, type Tensor } from '../../src/index.ts';
import {
  adam,
  fit,
  Linear,
  type Module,
  type Parameter,
  Sequential,
  Tanh,
  type TrainEvent,
} from '../../src/nn/index.ts';
import { convert, type Method, type MethodEvent, type Plan } from '../../src/sst/index.ts';
import { assertClose } from './compare.ts';

/** What a method claims. */
export interface MethodClaim {
  readonly name: string;
  /** The method; with `interval`, what it does between steps is due that often. */
  make(options: { readonly rank: number; readonly rng: Rng; readonly interval: number }): Method;
  /** Whether its numbers depend on its rng. */
  readonly random: boolean;
  /** Names of the fields of a layer that a step changes, and of those that stay until the method acts between steps. */
  readonly trains: readonly string[];
  readonly keeps: readonly string[];
}

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

const f64 = { dtype: 'float64' } as const;
const sizes = fc.record({
  m: fc.integer({ min: 1, max: 7 }),
  n: fc.integer({ min: 1, max: 7 }),
  rank: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
});

/** A small MLP: wide, tall and head. */
export function mlp(seed: number): Sequential {
  const rng = new Rng(seed);
  const [wide, tall, head] = [
    [6, 5],
    [5, 8],
    [8, 2],
  ].map(([n, m]) => new Linear(n, m, { rng, ...f64 }));
  return new Sequential(wide, new Tanh(), tall, new Tanh(), head);
}

/** One run of an MLP under a method. */
export interface Trained {
  readonly plan: Plan;
  readonly losses: readonly number[];
  readonly events: readonly MethodEvent[];
}

/** How the MLP is trained. */
export interface Training {
  readonly steps?: number;
  readonly interval?: number;
  readonly methodSeed?: number;
}

/** Train the MLP by the method; the batch is always the same, so that losses compare. */
export async function train(
  { make }: MethodClaim,
  { steps = 20, interval = 7, methodSeed = 1 }: Training = {},
): Promise<Trained> {
  const model = mlp(1);
  const plan = convert(model, { method: make({ rank: 2, rng: new Rng(methodSeed), interval }) });
  const rng = new Rng(99);
  const batch: Batch = { x: randn([16, 6], rng, f64), y: randn([16, 2], rng, f64) };
  const optimizer = adam(plan.groups(), { lr: 0.01 });
  const loss = ({ x, y }: Batch): Tensor => mean(square(sub(model.call(x), y)));
  const batches = Array.from({ length: steps }, () => batch);
  const all: TrainEvent<MethodEvent>[] = [];
  for await (const event of fit({ model, optimizer, loss, batches, steps, hooks: [plan.hook(optimizer)] }))
    all.push(event);
  const losses = all.flatMap((e) => (e.type === 'step' ? [e.loss] : []));
  return { plan, losses, events: all.filter((e): e is MethodEvent => !('steps' in e) && e.type !== 'step') };
}

/** A linear loss <C, y> of one random batch, whose weight gradient is random too. */
export function pull(
  layer: { call(x: Tensor): Tensor; inFeatures: number; outFeatures: number; zeroGrad(): void },
  rng: Rng,
): void {
  layer.zeroGrad();
  const [x, c] = [layer.inFeatures, layer.outFeatures].map((width) => randn([5, width], rng, f64));
  backward(sum(mul(layer.call(x), c)));
}

/** Put a method under the laws. */
export function checkMethod(claim: MethodClaim): void {
  describe(`${claim.name} is a method`, () => {
    startsTheSame(claim);
    countsItself(claim);
    touchesOnlyItsOwn(claim);
    covers(claim);
    learns(claim);
    merges(claim);
  });
}

const attached = (
  { make }: MethodClaim,
  { m, n, rank, seed }: { m: number; n: number; rank: number; seed: number },
) => {
  const rng = new Rng(seed);
  const linear = new Linear(n, m, { rng, ...f64 });
  const method = make({ rank, rng, interval: 7 });
  const x = randn([3, n], rng, f64);
  const before = linear.call(x).detach();
  return { linear, method, layer: method.attach(linear), x, before };
};

function startsTheSame(claim: MethodClaim): void {
  test('attaching changes no output, to 1e-12, and shares the bias; merging at once gives the same dense layer', () => {
    fc.assert(
      fc.property(sizes, (s) => {
        const { linear, method, layer, x, before } = attached(claim, s);
        assertClose(layer.call(x).detach(), before, 1e-12, 'attached');
        assert.deepEqual([layer.inFeatures, layer.outFeatures], [s.n, s.m]);
        const merged = method.merge(layer);
        assert.ok(
          merged instanceof Linear && layer.bias === linear.bias && merged.bias === linear.bias,
          'the bias is shared',
        );
        assertClose(merged.call(x).detach(), before, 1e-12, 'merged');
      }),
    );
  });
}

function countsItself(claim: MethodClaim): void {
  test('trainableCount(m, n) is what is trained, for any m, n, r: r > min(m, n) too; all but the bias is its own', () => {
    fc.assert(
      fc.property(sizes, (s) => {
        const { method, layer } = attached(claim, s);
        const own = method.ownParameters(layer);
        const trained = layer.parameters().filter((p) => p.requiresGrad);
        assert.equal(
          own.reduce((sum, p) => sum + p.size, 0),
          method.trainableCount(s.m, s.n),
        );
        assert.deepEqual(new Set(trained), new Set([...own, layer.bias]));
        assert.deepEqual(new Set(fieldsOf(layer, claim.trains)), new Set(own));
      }),
    );
  });
}

const fieldsOf = (layer: object, names: readonly string[]): Parameter[] =>
  names.map((name) => (layer as Record<string, Parameter>)[name]);

function touchesOnlyItsOwn(claim: MethodClaim): void {
  test('between its acts, training changes what it says, biases and the head, and not one bit of anything else', async () => {
    const [one, four] = [1, 4].map((steps) => train(claim, { steps, interval: 100 }));
    const before = new Map((await one).plan.model.namedParameters());
    const { plan } = await four;
    const kept = plan.layers.flatMap(({ path }) => claim.keeps.map((name) => `${path}.${name}`));
    const bits = (p: Parameter | undefined): number[] => [...(p?.data ?? [])];
    for (const [path, p] of plan.model.namedParameters())
      if (kept.includes(path)) assert.deepEqual(bits(p), bits(before.get(path)), path);
      else assert.notDeepEqual(bits(p), bits(before.get(path)), path);
  });
}

function covers(claim: MethodClaim): void {
  test('the groups of the plan hold every trainable parameter exactly once, its own first, with their settings', async () => {
    const { plan } = await train(claim, { steps: 0 });
    const [own, dense] = plan.groups({ lr: 0.5 });
    const listed = [...own.parameters, ...dense.parameters];
    assert.deepEqual(new Set(listed), new Set(plan.model.parameters().filter((p) => p.requiresGrad)));
    assert.equal(listed.length, new Set(listed).size);
    assert.deepEqual(
      own.parameters,
      plan.layers.flatMap(({ layer }) => plan.method.ownParameters(layer)),
    );
    assert.deepEqual(
      [own.name, own.hyper, dense.name, dense.hyper],
      [plan.method.name, { lr: 0.5 }, 'dense', undefined],
    );
  });
}

function learns(claim: MethodClaim): void {
  test('20 steps lower the loss', async () => {
    const { losses } = await train(claim);
    assert.ok(losses[19] < 0.95 * losses[0], `${losses[0]} -> ${losses[19]}`);
  });
  test('the same seeds give the same bits and the same events; its own seed matters only if it says so', async () => {
    const [a, b, other] = [await train(claim), await train(claim), await train(claim, { methodSeed: 2 })];
    assert.deepEqual([a.losses, a.events], [b.losses, b.events]);
    assert.equal(a.losses[0].toFixed(12), other.losses[0].toFixed(12), 'the first loss is that of the model');
    if (claim.random) assert.notDeepEqual(a.losses, other.losses);
    else assert.deepEqual(a.losses, other.losses);
  });
}

function merges(claim: MethodClaim): void {
  test('merging after training keeps the function to 1e-12 and leaves dense layers only', async (t: TestContext) => {
    const { plan } = await train(claim, { steps: 25 });
    const x = randn([32, 6], new Rng(5), f64);
    const call = (model: Module): Tensor => noGrad(() => model.call(x));
    const before = call(plan.model);
    plan.merge();
    const after = call(plan.model);
    const error = Math.max(...Array.from(after.data, (v, i) => Math.abs(v - before.data[i])));
    t.diagnostic(`merge error ${error.toExponential(1)}`);
    assert.ok(error <= 1e-12 * Math.max(...before.data.map(Math.abs)), `merge error ${error}`);
    const model = plan.model as Sequential;
    for (const i of [0, 2, 4]) assert.equal(model[i].constructor, Linear);
    assert.ok(
      plan.model.parameters().every((p) => p.requiresGrad),
      'everything dense is trainable',
    );
  });
}
