import { backward, crossEntropy, exp, Rng, randn, scope, softmax, tensor } from '../../src/index.ts';
import { adam, fit, Linear, ReLU, Sequential } from '../../src/nn/index.ts';
import { convert } from '../../src/sst/index.ts';

/** What the page and Node compute and compare. */
export interface Work {
  /** Losses of an MLP trained with SST. */
  readonly losses: readonly number[];
  /** Values of a few kernels. */
  readonly values: readonly number[];
}

/** Train a small MLP with SST, and run a few kernels, from fixed seeds. */
export async function work(steps: number): Promise<Work> {
  const rng = new Rng(7);
  const model = new Sequential(
    new Linear(64, 96, { rng }),
    new ReLU(),
    new Linear(96, 80, { rng }),
    new ReLU(),
    new Linear(80, 10, { rng }),
  );
  const plan = convert(model, {
    method: 'sst',
    rank: 8,
    rng: rng.fork('method'),
    stepsPerIteration: 5,
    exclude: ['4'],
  });
  const optimizer = adam(plan.groups(), { lr: 3e-3 });
  const x = randn([128, 64], rng);
  const labels = tensor(Int32Array.from({ length: 128 }, () => rng.below(10)));
  const losses: number[] = [];
  const batches = Array.from({ length: steps }, () => x);
  const loss = (batch: typeof x) => crossEntropy(model.call(batch), labels);
  for await (const event of fit({ model, optimizer, steps, batches, loss, hooks: [plan.hook(optimizer)] }))
    if (event.type === 'step') losses.push(event.loss);
  const z = randn([37, 41], rng, { requiresGrad: true });
  const y = scope(() => {
    const p = softmax(z);
    backward(exp(p).mean());
    return p;
  });
  return { losses, values: [...y.data, ...(z.grad?.data ?? [])] };
}
