/** Networks of ordinary space: the graph convolution of Kipf and Welling, and the perceptron. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Gcn } from '../../../src/hyperbolic/graph/gcn.ts';
import { graphModel } from '../../../src/hyperbolic/graph/graphModel.ts';
import { Mlp } from '../../../src/hyperbolic/graph/mlp.ts';
import { add, DomainError, matmul, Rng, randn, relu, type Tensor } from '../../../src/index.ts';
import { assertClose, assertRefuses } from '../../harness/compare.ts';
import { smallGraph } from './encodersGraph.ts';

const float64 = { dtype: 'float64' } as const;
const { x, adjacency } = smallGraph();
const dense = adjacency.toDense();
const affine = (y: Tensor, w: Tensor, b: Tensor): Tensor => add(matmul(y, w, { transB: true }), b);

describe('Gcn', () => {
  test('each layer is f(A(xWᵀ + b))', () => {
    const net = new Gcn([4, 5, 3], { rng: new Rng(1), ...float64 });
    const [w1, b1, w2, b2] = net.parameters();
    const hidden = relu(matmul(dense, affine(x, w1, b1)));
    const expected = relu(matmul(dense, affine(hidden, w2, b2)));
    assertClose(net.call(x, { adjacency }).detach(), expected.detach(), 1e-13, 'layers');
  });

  test('as a classifier it ends with a convolution to the classes: A(hWᵀ + b), h = f(A(xWᵀ + b))', () => {
    const options = { features: 4, classes: 3, dim: 5, rng: new Rng(1), ...float64 } as const;
    const net = graphModel({ ...options, model: 'gcn', task: 'nc' });
    const [w1, b1, w2, b2] = net.parameters();
    b2.assign_(randn([3], new Rng(2), float64));
    const hidden = relu(matmul(dense, affine(x, w1, b1)));
    const expected = matmul(dense, affine(hidden, w2, b2));
    assertClose(net.logits(net.call(x, { adjacency })).detach(), expected.detach(), 1e-13, 'logits');
  });
});

describe('Mlp', () => {
  test('is affine maps with the activation after each, and the identity without layers', () => {
    const net = new Mlp([4, 5, 3], { rng: new Rng(1), activation: 'tanh', ...float64 });
    const [w1, b1, w2, b2] = net.parameters();
    const expected = affine(affine(x, w1, b1).tanh(), w2, b2).tanh();
    assertClose(net.call(x).detach(), expected.detach(), 1e-14, 'layers');
    assert.equal(new Mlp([4], { rng: new Rng(1) }).call(x), x);
    for (const activation of ['relu6', 'toString'])
      assertRefuses(
        () => new Mlp([4, 3], { rng: new Rng(1), activation: activation as 'relu' }),
        DomainError,
        'DenseLayer',
      );
  });
});
