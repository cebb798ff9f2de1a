import type { Kernel, Spec } from '../kernel.ts';
import type { Tensor } from '../tensor.ts';
import { type BinaryKernel, binaryKernel, parametricKernel } from './pointwise.ts';

/** The lesser; NaN where either is. */
export const minimumKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('minimum', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = Math.min(p[i + c * di], q[j + c * dj]);
});
/** The greater; NaN where either is. */
export const maximumKernel: BinaryKernel = /* @__PURE__ */ binaryKernel('maximum', (y, at, n, p, i, di, q, j, dj) => {
  for (let c = 0; c < n; c++) y[at + c] = Math.max(p[i + c * di], q[j + c * dj]);
});
/** Both ends of `clamp`, infinite where there is none. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** min(max(x, low), high); NaN passes. */
export const clampKernel: Kernel<readonly [Tensor], Bounds, Spec> = /* @__PURE__ */ parametricKernel(
  'clamp',
  (y, x, { low, high }: Bounds) => {
    for (let i = 0; i < y.length; i++) {
      const raised = x[i] < low ? low : x[i];
      y[i] = raised > high ? high : raised;
    }
  },
);
