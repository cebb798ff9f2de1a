import './autograd/methods.ts';

export { type CholeskyAttrs, cholesky } from './autograd/ops/cholesky.ts';
export { cofactor, det, slogdet } from './autograd/ops/determinant.ts';
export { eigh, eigvalsh } from './autograd/ops/eigh.ts';
export { type MatrixNormAttrs, type MatrixNormOrder, matrixNorm } from './autograd/ops/matrixNorm.ts';
export { type PinvAttrs, pinv } from './autograd/ops/pinv.ts';
export { qr } from './autograd/ops/qr.ts';
export { inv, solve } from './autograd/ops/solve.ts';
export { type SolveTriangularAttrs, solveTriangular } from './autograd/ops/solveTriangular.ts';
export { svd, svdvals } from './autograd/ops/svd.ts';
export { type TruncatedSvdAttrs, truncatedSvd } from './autograd/ops/truncatedSvd.ts';
