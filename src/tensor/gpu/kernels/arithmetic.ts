import type { Bounds } from '../../cpu/extrema.ts';
import type { GpuTable } from '../overlay.ts';
import { pointwise } from './pointwise.ts';

/** Arithmetic of numbers: each row is one op. Whoever compares a NaN finds nothing true, so it falls through to a sum that is NaN. */
export const arithmetic: GpuTable = {
  add: pointwise('add', 'x + y', { operands: 2 }),
  sub: pointwise('sub', 'x - y', { operands: 2 }),
  mul: pointwise('mul', 'x * y', { operands: 2 }),
  div: pointwise('div', 'x / y', { operands: 2 }),
  remainder: pointwise('remainder', 'remainderOf(x, y)', { operands: 2 }),
  lerp: pointwise(
    'lerp',
    { first: 'let v = y - (1 - z) * (y - x); if (z < 0.5) { v = x + z * (y - x); }', value: 'v' },
    { operands: 3 },
  ),
  neg: pointwise('neg', '-x'),
  abs: pointwise('abs', 'Math.abs(x)'),
  sign: pointwise('sign', { first: 'let v = x; if (x > 0) { v = 1; } if (x < 0) { v = 0 - 1; }', value: 'v' }),
  square: pointwise('square', 'x * x'),
  reciprocal: pointwise('reciprocal', '1 / x'),
  floor: pointwise('floor', 'Math.floor(x)'),
  ceil: pointwise('ceil', 'Math.ceil(x)'),
  // Of a half, ⌊x⌋ or the number above it: the even one. Nothing is added that large numbers would round.
  round: pointwise('round', {
    first: `let v = Math.floor(x);
      const rest = x - v;
      if (rest > 0.5 || (rest === 0.5 && v - 2 * Math.floor(v * 0.5) > 0)) { v = v + 1; }`,
    value: 'v',
  }),
  minimum: pointwise(
    'minimum',
    { first: 'let v = x + y; if (x < y) { v = x; } if (x >= y) { v = y; }', value: 'v' },
    { operands: 2, whole: true },
  ),
  maximum: pointwise(
    'maximum',
    { first: 'let v = x + y; if (x > y) { v = x; } if (x <= y) { v = y; }', value: 'v' },
    { operands: 2, whole: true },
  ),
  clamp: pointwise<Bounds>(
    'clamp',
    { first: 'let v = x; if (x < low) { v = low; } if (v > high) { v = high; }', value: 'v' },
    { numbers: { names: ['low', 'high'], of: ({ low, high }) => [low, high] } },
  ),
};
