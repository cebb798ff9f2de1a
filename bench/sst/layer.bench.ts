/**
 * A training step of one layer kept as its SVD beside one of the dense layer: forward, backward, AdamW; m = n = 512, r = 16, batch
 * 128, float32, and other shapes. By products alone the spectral step costs (2k(m + n) + r(m + n))/(3mn) of the dense one, 4/3 and a little for
 * square layers. Then the bytes that each method needs on the paper's MLP 784-512-512-512-10 at r = 16.
 *
 *     npm run bench -- layer
 */
import { backward, deviceInfo, pin, Rng, randn, scope, type Tensor } from '../../src/index.ts';
import { adamW, fit, Linear, type Module, ReLU, Sequential } from '../../src/nn/index.ts';
import { accounting, convert, type MethodChoice } from '../../src/sst/index.ts';
import { columns, interleave, median, option, ratio, save, show } from '../measure.ts';

interface Layer {
  readonly m: number;
  readonly n: number;
  readonly r: number;
  readonly batch: number;
}

/** A step of a layer, and what it holds. */
interface Step {
  run(): void;
  bytes(): { readonly weights: number; readonly optimizer: number; readonly gradients: number; readonly made: number };
}

function stepOf({ m, n, r, batch }: Layer, method: 'full' | 'sst' | 'lora'): Step {
  const rng = new Rng(1);
  const model = new Sequential(new Linear(n, m, { rng }));
  const choice: MethodChoice = method === 'full' ? { method } : { method, rank: r, rng };
  const plan = convert(model, choice);
  const optimizer = adamW(plan.groups(), { lr: 1e-3 });
  const [x, dy] = [randn([batch, n], rng), randn([batch, m], rng)];
  // As inside a network, the gradient of the input is wanted too.
  x.requiresGrad = true;
  const run = (): void =>
    scope(() => {
      model.zeroGrad();
      // The gradient that arrives is the same for all: no loss of their own stands between.
      const y = model.call(x);
      backward(y, { gradOutput: dy });
      optimizer.step();
      model.zeroGrad();
      x.zeroGrad();
    });
  pin([...model.parameters(), x, dy]);
  return {
    run,
    bytes() {
      const before = deviceInfo().memory.used;
      // Nothing is freed before a scope ends: what it took is the peak of the step.
      const made = scope(() => {
        backward(model.call(x), { gradOutput: dy });
        optimizer.step();
        return deviceInfo().memory.used - before;
      });
      const { weightBytes, optimizerBytes, gradientBytes } = accounting(model, optimizer);
      model.zeroGrad();
      return { weights: weightBytes, optimizer: optimizerBytes, gradients: gradientBytes, made };
    },
  };
}

const layers: readonly Layer[] = [
  { m: 512, n: 512, r: 16, batch: 128 },
  { m: 2048, n: 512, r: 16, batch: 128 },
  { m: 512, n: 2048, r: 16, batch: 128 },
  { m: 64, n: 64, r: 8, batch: 256 },
];

/** Products of the spectral step over those of the dense one. */
function predicted({ m, n, r }: Layer): number {
  const k = Math.min(m, n);
  return (k * (m + n) * 2 + r * (m + n)) / (3 * m * n);
}

const methods = ['full', 'sst', 'lora'] as const;
const plan = { rounds: option('rounds', 9), budget: option('budget', 120) };
const found: Record<string, unknown>[] = [];
for (const layer of layers) {
  const steps = methods.map((method) => ({ name: method as string, step: stepOf(layer, method) }));
  const samples = await interleave(
    steps.map(({ name, step }) => ({ name, run: step.run })),
    plan,
  );
  for (const { name, step } of steps) {
    const ms = samples.get(name) ?? [];
    const { weights, optimizer, gradients, made } = step.bytes();
    const times = ratio(ms, samples.get('full'));
    found.push({
      ...layer,
      method: name,
      ms: median(ms),
      times,
      predicted: name === 'sst' ? predicted(layer) : null,
      weights,
      optimizer,
      gradients,
      made,
    });
  }
}
const kilobytes = (bytes: unknown): string => `${((bytes as number) / 1000).toFixed(0)} kB`;
const lines = found.map((f) => [
  `${f.m}×${f.n}, r ${f.r}, batch ${f.batch}`,
  f.method as string,
  show(f.ms as number),
  `${show(f.times as number)}x`,
  f.predicted === null ? '' : `${show(f.predicted as number)}x`,
  kilobytes(f.weights),
  kilobytes(f.optimizer),
  kilobytes(f.gradients),
  kilobytes(f.made),
]);
console.log(
  columns([
    ['layer', 'method', 'ms/step', 'of dense', 'by products', 'weights', 'optimizer', 'gradients', 'made in a step'],
    ...lines,
  ]),
);

/** Bytes of a method on the paper's MLP, counted after a step. */
async function onPaperMlp(choice: (rng: Rng) => MethodChoice): Promise<ReturnType<typeof accounting>> {
  const rng = new Rng(1);
  const widths = [784, 512, 512, 512, 10];
  const parts: Module[] = widths.slice(1).flatMap((m, i) => [new Linear(widths[i], m, { rng }), new ReLU()]);
  const model = new Sequential(...parts.slice(0, -1));
  const method = convert(model, choice(rng));
  const optimizer = adamW(method.groups(), { lr: 1e-3 });
  const x = randn([32, 784], rng);
  const loss = (batch: Tensor): Tensor => model.call(batch).square().mean();
  for await (const _ of fit({ model, optimizer, loss, batches: [x], steps: 1, hooks: [method.hook(optimizer)] }));
  return accounting(model, optimizer);
}

const choices: Readonly<Record<string, (rng: Rng) => MethodChoice>> = {
  full: () => ({ method: 'full' }),
  sst: (rng) => ({ method: 'sst', rank: 16, rng }),
  lora: (rng) => ({ method: 'lora', rank: 16, rng }),
  galore: () => ({ method: 'galore', rank: 16 }),
};
const memory: Record<string, unknown>[] = [];
for (const [name, choice] of Object.entries(choices)) memory.push({ method: name, ...(await onPaperMlp(choice)) });
const rows = memory.map((f) => [
  f.method as string,
  `${f.trainable}`,
  kilobytes(f.weightBytes),
  kilobytes(f.gradientBytes),
  kilobytes(f.optimizerBytes),
]);
console.log(`\n${columns([['784-512-512-512-10, r 16', 'trainable', 'weights', 'gradients', 'optimizer'], ...rows])}`);
save('sst-layer', { layers: found, memory });
