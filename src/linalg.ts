import './autograd/methods.ts';

export { svd, svdvals } from './autograd/ops/svd.ts';
