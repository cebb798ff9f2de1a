import { crossEntropy, Rng, randn, type Tensor, tensor } from '../../src/index.ts';
import { adam, fit, Linear, type Module, ReLU, Sequential } from '../../src/nn/index.ts';
import { convert } from '../../src/sst/index.ts';
import { cpu, type Device } from '../../src/tensor/device.ts';

/** An MLP for 64 numbers and 10 classes, the same from every call. */
export function smallMlp(): Sequential {
  const rng = new Rng(7);
  const layer = (n: number, m: number): Linear => new Linear(n, m, { rng });
  return new Sequential(layer(64, 96), new ReLU(), layer(96, 80), new ReLU(), layer(80, 10));
}

/** A batch of examples. */
export interface Batch {
  readonly x: Tensor;
  readonly classes: Tensor;
}

/** Random examples that a model can learn: the class is where the largest of ten of the numbers is. */
export function batchOf(size: number, rng: Rng, device: Device = cpu): Batch {
  const x = randn([size, 64], rng);
  const classes = Int32Array.from({ length: size }, (_, i) => {
    const row = Array.from(x.data.subarray(64 * i, 64 * i + 10));
    return row.indexOf(Math.max(...row));
  });
  return { x: x.to(device), classes: tensor(classes, { device }) };
}

/** The loss of a batch. */
export const lossOf = (model: Module, { x, classes }: Batch): Tensor => crossEntropy(model.call(x), classes);

/** Losses of an MLP trained with SST: sampled every 10 steps, decomposed every 120. */
export async function trainWithSst(device: Device, steps: number): Promise<readonly number[]> {
  const model = smallMlp();
  const rng = new Rng(11);
  const method = {
    method: 'sst',
    rank: 8,
    rng: rng.fork('method'),
    stepsPerIteration: 10,
    iterationsPerRound: 2,
    warmup: 2,
  } as const;
  const plan = convert(model, { ...method, exclude: ['4'] });
  model.to(device);
  const optimizer = adam(plan.groups(), { lr: 3e-3 });
  const few = Array.from({ length: 3 }, () => batchOf(32, rng, device));
  const batches = Array.from({ length: steps }, (_, i) => few[i % few.length]);
  const losses: number[] = [];
  const training = fit({
    model,
    optimizer,
    steps,
    batches,
    clipNorm: 5,
    loss: (batch) => lossOf(model, batch),
    hooks: [plan.hook(optimizer)],
  });
  for await (const event of training) if (event.type === 'step') losses.push(event.loss);
  return losses;
}
