import type { GpuTable } from '../overlay.ts';
import { pointwise } from './pointwise.ts';

/** Arithmetic of numbers: each row is one op. */
export const arithmetic: GpuTable = {
  add: pointwise('add', 'x + y', { operands: 2 }),
  sub: pointwise('sub', 'x - y', { operands: 2 }),
  mul: pointwise('mul', 'x * y', { operands: 2 }),
  div: pointwise('div', 'x / y', { operands: 2 }),
  neg: pointwise('neg', '-x'),
  abs: pointwise('abs', 'Math.abs(x)'),
  square: pointwise('square', 'x * x'),
  relu: pointwise('relu', { first: 'let y = x; if (x < 0) { y = 0; }', value: 'y' }),
  reluGrad: pointwise('reluGrad', { first: 'let g = 0; if (y > 0) { g = x; }', value: 'g' }, { operands: 2 }),
};
