import { type BinaryKernel, binaryKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const floorKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('floor', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.floor(x[i]);
});
export const ceilKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('ceil', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.ceil(x[i]);
});
/** To the nearest whole number; halves go to the even one. */
export const roundKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('round', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = halfToEven(x[i]);
});
/** a − b·⌊a/b⌋: zero, or of the sign of b. */
export const remainderKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'remainder',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = remainder(p[i + c * di], q[j + c * dj]);
  },
);

/** `Math.round` sends halves up, so an odd result that lies half a step above x is one too high. */
function halfToEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** `%` has the sign of a: a remainder on the other side of zero than b is one b short. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}
