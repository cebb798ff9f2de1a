import { type BinaryKernel, binaryKernel, type UnaryKernel, unaryKernel } from './pointwise.ts';

export const equalKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'equal',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] === q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const notEqualKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'notEqual',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] !== q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const greaterKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'greater',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] > q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const greaterEqualKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'greaterEqual',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] >= q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const lessKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'less',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] < q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const lessEqualKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'lessEqual',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] <= q[j + c * dj] ? 1 : 0;
  },
  'bool',
);
export const logicalAndKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'logicalAnd',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] & q[j + c * dj];
  },
);
export const logicalOrKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'logicalOr',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] | q[j + c * dj];
  },
);
export const logicalXorKernel: BinaryKernel = /* @__PURE__ */ binaryKernel(
  'logicalXor',
  (y, at, n, p, i, di, q, j, dj) => {
    for (let c = 0; c < n; c++) y[at + c] = p[i + c * di] ^ q[j + c * dj];
  },
);
export const logicalNotKernel: UnaryKernel = /* @__PURE__ */ unaryKernel('logicalNot', (y, x) => {
  for (let i = 0; i < y.length; i++) y[i] = 1 - x[i];
});
export const isNaNKernel: UnaryKernel = /* @__PURE__ */ unaryKernel(
  'isNaN',
  (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Number.isNaN(x[i]) ? 1 : 0;
  },
  'bool',
);
export const isFiniteKernel: UnaryKernel = /* @__PURE__ */ unaryKernel(
  'isFinite',
  (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Number.isFinite(x[i]) ? 1 : 0;
  },
  'bool',
);
export const isInfKernel: UnaryKernel = /* @__PURE__ */ unaryKernel(
  'isInf',
  (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]) === Infinity ? 1 : 0;
  },
  'bool',
);
