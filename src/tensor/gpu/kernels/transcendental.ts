import type { GpuTable } from '../overlay.ts';
import { pointwise } from './pointwise.ts';

/** Powers, logarithms, angles and roots: each row is one op. */
export const transcendental: GpuTable = {
  exp: pointwise('exp', 'expOf(x)'),
  expm1: pointwise('expm1', 'expm1Of(x)'),
  log: pointwise('log', 'logOf(x)'),
  log1p: pointwise('log1p', 'log1pOf(x)'),
  log2: pointwise('log2', 'log2Of(x)'),
  sqrt: pointwise('sqrt', 'Math.sqrt(x)'),
  rsqrt: pointwise('rsqrt', '1 / Math.sqrt(x)'),
  pow: pointwise('pow', 'powerOf(x, y)', { operands: 2 }),
  sin: pointwise('sin', 'sinOf(x, 0)'),
  cos: pointwise('cos', 'sinOf(x, 1)'),
  tan: pointwise('tan', 'tanOf(x)'),
  asin: pointwise('asin', 'asinOf(x)'),
  acos: pointwise('acos', 'acosOf(x)'),
  atan: pointwise('atan', 'atanOf(x)'),
  atan2: pointwise('atan2', 'atan2Of(x, y)', { operands: 2 }),
  sinh: pointwise('sinh', 'sinhOf(x)'),
  cosh: pointwise('cosh', 'coshOf(x)'),
  tanh: pointwise('tanh', 'tanhOf(x)'),
  asinh: pointwise('asinh', 'asinhOf(x)'),
  acosh: pointwise('acosh', 'acoshOf(x)'),
  atanh: pointwise('atanh', 'atanhOf(x)'),
  erf: pointwise('erf', 'erfOf(x)'),
};
