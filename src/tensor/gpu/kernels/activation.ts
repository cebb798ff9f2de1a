import type { Softening } from '../../cpu/activation.ts';
import type { GpuTable } from '../overlay.ts';
import { type Expression, pointwise } from './pointwise.ts';

/** x·weight, where the weight falls to 0 faster than x grows: 0 from `far` on, −∞ included. */
const tapered = (weight: string, far: number): Expression => ({
  first: `let v = x * ${weight}; if (x < -${far}) { v = 0; }`,
  value: 'v',
});

/** A gradient x times a slope at u, which is y no further from 0 than where the slope has long become 0 or 1. */
const sloped = (slope: string, far: number, first: string = ''): Expression => ({
  first: `let u = y; if (y > ${far}) { u = ${far}; } if (y < -${far}) { u = 0 - ${far}; } ${first}`,
  value: `x * (${slope})`,
});

/** √(2/π), twice, and the cubic coefficient of the tanh form of `gelu`. */
const rise = 2 * Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
const bend = (x: string): string => `${rise} * (${x} + ${cubic} * ${x} * ${x} * ${x})`;

/** Activation functions, and how a gradient passes them: each row is one op. */
export const activations: GpuTable = {
  relu: pointwise('relu', { first: 'let v = x; if (x < 0) { v = 0; }', value: 'v' }),
  reluGrad: pointwise('reluGrad', { first: 'let v = 0; if (y > 0) { v = x; }', value: 'v' }, { operands: 2 }),
  leakyRelu: pointwise<number>(
    'leakyRelu',
    { first: 'let v = slope * x; if (x > 0) { v = x; }', value: 'v' },
    { numbers: { names: ['slope'], of: (slope) => [slope] } },
  ),
  elu: pointwise<number>(
    'elu',
    { first: 'let v = alpha * expm1Of(x); if (x > 0) { v = x; }', value: 'v' },
    { numbers: { names: ['alpha'], of: (alpha) => [alpha] } },
  ),
  sigmoid: pointwise('sigmoid', 'sigmoidOf(x)'),
  softplus: pointwise<Softening>(
    'softplus',
    { first: 'let v = softplusOf(beta * x) / beta; if (beta * x > threshold) { v = x; }', value: 'v' },
    { numbers: { names: ['beta', 'threshold'], of: ({ beta, threshold }) => [beta, threshold] } },
  ),
  logSigmoid: pointwise('logSigmoid', '-softplusOf(-x)'),
  silu: pointwise('silu', tapered('sigmoidOf(x)', 110)),
  mish: pointwise('mish', tapered('tanhSoftplusOf(x)', 110)),
  gelu: pointwise('gelu', tapered('normalOf(x)', 14.6)),
  geluTanh: pointwise('geluTanh', tapered(`sigmoidOf(${bend('x')})`, 11)),
  tanhGrad: pointwise('tanhGrad', 'x * (1 - y) * (1 + y)', { operands: 2 }),
  sigmoidGrad: pointwise('sigmoidGrad', 'x * y * (1 - y)', { operands: 2 }),
  siluGrad: pointwise('siluGrad', sloped('s * (1 + u * (1 - s))', 110, 'const s = sigmoidOf(u);'), { operands: 2 }),
  geluGrad: pointwise('geluGrad', sloped(`normalOf(u) + u * ${1 / Math.sqrt(2 * Math.PI)} * bellOf(u)`, 15), {
    operands: 2,
  }),
  geluTanhGrad: pointwise(
    'geluTanhGrad',
    sloped(`s * (1 + u * (1 - s) * ${rise} * (1 + ${3 * cubic} * u * u))`, 11, `const s = sigmoidOf(${bend('u')});`),
    { operands: 2 },
  ),
};
