/**
 * Functions and arithmetic element by element, with broadcasting.
 *
 *     npm run bench -- pointwise
 */
import {
  add,
  clamp,
  cosh,
  div,
  erf,
  exp,
  gelu,
  log,
  maximum,
  mul,
  Rng,
  rand,
  randn,
  relu,
  type Shape,
  sigmoid,
  silu,
  sinh,
  sqrt,
  square,
  type Tensor,
  tanh,
} from '../../src/index.ts';
import { adamW, Parameter } from '../../src/nn/index.ts';
import { type Case, suite } from './suite.ts';

const rng = new Rng(1);
const n = 1_000_000;
const x = randn([n], rng);
const positive = rand([n], rng);

const unary = (f: (x: Tensor) => Tensor, operand: Tensor, note = ''): Case => ({
  name: `${f.name || 'f'} ${operand.size}${note}`,
  work: operand.size,
  unit: 'elements',
  operands: [operand],
  run: () => f(operand),
});

function binary(f: (x: Tensor, y: Tensor) => Tensor, name: string, left: Shape, right: Shape): Case {
  const [a, b] = [randn(left, rng), randn(right, rng)];
  return {
    name: `${name} [${left}], [${right}]`,
    work: a.size,
    unit: 'elements',
    operands: [a, b],
    run: () => f(a, b),
  };
}

/** One step of AdamW on 200,000 parameters. */
function adamWStep(): Case {
  const p = new Parameter(randn([200_000], rng));
  const optimizer = adamW([p], { lr: 1e-3, weightDecay: 0.01 });
  p.grad = randn([200_000], rng);
  return { name: 'adamW step 200000', work: 200_000, unit: 'elements', operands: [p], run: () => optimizer.step() };
}

const named = { exp, tanh, sigmoid, gelu, silu, erf, relu, square, sinh, cosh };
await suite('pointwise', [
  ...Object.entries(named).map(([name, f]) => ({ ...unary((t) => f(t), x), name: `${name} ${n}` })),
  ...Object.entries({ log, sqrt }).map(([name, f]) => ({ ...unary((t) => f(t), positive), name: `${name} ${n}` })),
  ...[1000, 32_768].map((size) => ({ ...unary((t) => exp(t), randn([size], rng)), name: `exp ${size}` })),
  binary((a, b) => add(a, b), 'add', [n], [n]),
  binary((a, b) => mul(a, b), 'mul', [n], [n]),
  binary((a, b) => div(a, b), 'div', [n], [n]),
  binary((a, b) => maximum(a, b), 'maximum', [n], [n]),
  binary((a, b) => add(a, b), 'add', [32_768], [32_768]),
  binary((a, b) => add(a, b), 'add', [4096, 512], [512]),
  binary((a, b) => mul(a, b), 'mul', [4096, 512], [4096, 1]),
  binary((a, b) => mul(a, b), 'mul', [2708, 17], [2708, 1]),
  { ...unary((t) => mul(t, 2.5), x), name: `mul by a number ${n}` },
  { ...unary((t) => clamp(t, { min: -1, max: 1 }), x), name: `clamp ${n}` },
  adamWStep(),
]);
