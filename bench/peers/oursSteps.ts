/** Training steps and small recorded ops of spectragrad. */
import {
  add,
  backward,
  crossEntropy,
  grad,
  mse,
  mul,
  pin,
  Rng,
  scope,
  sum,
  type Tensor,
  tensor,
  unpin,
} from '../../src/index.ts';
import {
  Linear,
  loadStateDict,
  type Module,
  ReLU,
  Sequential,
  sgd,
  TransformerEncoderLayer,
} from '../../src/nn/index.ts';
import { type Makers, spentIn, type Work } from './contender.ts';
import { blockWeights, mlpWeights, uniform, valuesOf, type Weights, wholes } from './inputs.ts';
import type { TaskOf } from './rows.ts';

/** Give a model the values that all contenders start from. */
function load(model: Module, weights: Weights): void {
  const values = valuesOf(weights);
  loadStateDict(model, new Map(weights.map(([name, shape], i) => [name, tensor(values[i], { shape })])));
}

/** Steps of one model on one batch: as in `fit`, or on plain arrays. */
function training(model: Module, lr: number, loss: () => Tensor, scoped: boolean): Work {
  const optimizer = sgd(model.parameters(), { lr });
  const losses: number[] = [];
  const step = (): number => {
    model.zeroGrad();
    const value = loss();
    backward(value);
    optimizer.step();
    return value.item();
  };
  const run = (): number => {
    if (!scoped) return step();
    pin(model);
    return scope(step);
  };
  return {
    run() {
      losses.push(run());
    },
    result: () => losses.slice(0, 2),
    free: () => unpin(model),
  };
}

/** A perceptron with ReLU, cross-entropy, gradient descent. */
export function mlpStep({ widths, batch, lr }: TaskOf<'mlp'>, scoped: boolean): Work {
  const rng = new Rng(1);
  const layers = widths.slice(1).map((width, i) => new Linear(widths[i], width, { rng }));
  const model = new Sequential(...layers.flatMap((layer, i) => (i === 0 ? [layer] : [new ReLU(), layer])));
  load(model, mlpWeights(widths));
  const x = tensor(uniform(1, batch * widths[0]), { shape: [batch, widths[0]] });
  const y = tensor(wholes(2, batch, widths[widths.length - 1]));
  return training(model, lr, () => crossEntropy(model.call(x), y), scoped);
}

/** An encoder layer, the mean squared error to a target, gradient descent. */
export function blockStep({ d, heads, ff, length, batch, lr }: TaskOf<'block'>, scoped: boolean): Work {
  const model = new TransformerEncoderLayer(d, heads, { feedForward: ff, dropout: 0, rng: new Rng(1) });
  load(model, blockWeights(d, ff));
  const shape = [batch, length, d];
  const [x, y] = [1, 2].map((seed) => tensor(uniform(seed, batch * length * d), { shape }));
  const loss = (): Tensor => mse(model.call(x, { training: true }), y);
  return training(model, lr, loss, scoped);
}

/** A chain of scalings and shifts of 16 numbers, summed. */
function chainOf(x: Tensor, ops: number): Tensor {
  let y = x;
  for (let i = 0; i < ops; i += 2) y = add(mul(y, 1.001), 0.001);
  return sum(y);
}

const sixteen = (): Tensor => tensor(new Float32Array(16).fill(0.5), { requiresGrad: true });

/** Where bookkeeping is everything. */
export const smallOps: Makers = {
  adds({ ops }) {
    const x = tensor(1, { requiresGrad: true });
    let value = 0;
    return {
      run() {
        let y = x;
        for (let i = 0; i < ops; i++) y = add(y, 1);
        value = y.item();
      },
      result: () => [value],
    };
  },
  chain({ ops }) {
    const x = sixteen();
    let gradient = 0;
    return {
      run() {
        [gradient] = grad(chainOf(x, ops), [x])[0].data;
      },
      result: () => [gradient],
    };
  },
  chainBackward({ ops }) {
    const x = sixteen();
    let gradient = 0;
    return {
      run() {
        const y = chainOf(x, ops);
        return spentIn(() => {
          [gradient] = grad(y, [x])[0].data;
        });
      },
      result: () => [gradient],
    };
  },
};
