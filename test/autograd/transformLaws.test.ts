import { test } from 'node:test';
import fc from 'fast-check';
import { hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from '../../src/autograd/transforms.ts';
import {
  add,
  backward,
  DTypeError,
  defineOp,
  exp,
  GradError,
  matmul,
  mul,
  Rng,
  randn,
  ShapeError,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../src/index.ts';
import { probes } from '../harness/arbitraries.ts';
import { assertClose, assertHolds, assertRefuses } from '../harness/compare.ts';

const t = (values: number | number[] | number[][], requiresGrad: boolean = false): Tensor =>
  tensor(values, { dtype: 'float64', requiresGrad });

/** Σ x³: its gradient is 3x², its Hessian diag(6x). */
const cubes = (x: Tensor): Tensor => sum(mul(square(x), x));

test('an op that refuses a second derivative can be pulled back once, and says so to the others', () => {
  const once = defineOp({ ...square.record, name: 'once', once: true });
  const x = t([1, 2]);
  assertHolds(vjp(once, x).pull(t([1, 10])), [2, 40]);
  assertHolds(jacobian(once, x), [
    [2, 0],
    [0, 4],
  ]);
  const energy = (a: Tensor): Tensor => sum(once(a));
  assertHolds(valueAndGrad(energy)(x).grads[0], [2, 4]);
  for (const second of [() => jvp(once, x, x), () => hessian(energy, x), () => hvp(energy, x, x)])
    assertRefuses(second, GradError, 'once', /no second derivative/);
});

/** A smooth function R³ → R², with its parameters from a seed. */
function network(seed: number): (x: Tensor) => Tensor {
  const rng = new Rng(seed);
  const [w, v] = [randn([3, 4], rng, { dtype: 'float64' }), randn([4, 2], rng, { dtype: 'float64' })];
  return (x) => matmul(tanh(matmul(x, w)), v);
}

test('rows of the Jacobian are pulls, columns are tangents, and both are differences', () => {
  fc.assert(
    fc.property(probes, (seed) => {
      const rng = new Rng(seed).fork('x');
      const [f, x] = [network(seed), randn([3], rng, { dtype: 'float64' })];
      const line = (a: Tensor): Tensor => f(a.reshape([1, 3])).reshape([2]);
      const j = jacobian(line, x);
      const [u, v] = [randn([2], rng, { dtype: 'float64' }), randn([3], rng, { dtype: 'float64' })];
      const times = (a: Tensor, b: Tensor, options: object): Tensor =>
        matmul(a.reshape([1, -1]), b, options).reshape([-1]);
      assertClose(vjp(line, x).pull(u), times(u, j, {}), 1e-13, 'pull');
      assertClose(jvp(line, x, v).tangent, times(v, j, { transB: true }), 1e-13, 'tangent');
      const h = 1e-6;
      const difference = line(add(x, mul(v, h)))
        .sub(line(add(x, mul(v, -h))))
        .div(2 * h);
      assertClose(jvp(line, x, v).tangent, difference, 1e-8, 'difference');
    }),
    { numRuns: 30 },
  );
});

test('the Hessian is symmetric, hvp is its product, and jacobian of the gradient gives it too', () => {
  fc.assert(
    fc.property(probes, (seed) => {
      const rng = new Rng(seed).fork('x');
      const f = (x: Tensor): Tensor => sum(exp(network(seed)(x.reshape([1, 3])).mul(0.25)));
      const [x, v] = [randn([3], rng, { dtype: 'float64' }), randn([3], rng, { dtype: 'float64' })];
      const h = hessian(f, x);
      assertClose(h, h.transpose(), 1e-13, 'symmetry');
      assertClose(hvp(f, x, v), matmul(h, v.reshape([3, 1])).reshape([3]), 1e-13, 'product');
      assertClose(
        jacobian((a) => valueAndGrad(f)(a).grads[0], x),
        h,
        1e-13,
        'jacobian of the gradient',
      );
      assertClose(jvp((a) => valueAndGrad(f)(a).grads[0], x, v).tangent, hvp(f, x, v), 1e-13, 'forward over reverse');
    }),
    { numRuns: 30 },
  );
});

test('a transform and a plain backward pass agree to the bit', () => {
  const x = t([0.3, -0.7, 1.1], true);
  const f = (a: Tensor): Tensor => sum(square(network(7)(a.reshape([1, 3]))));
  backward(f(x));
  assertHolds(valueAndGrad(f)(x).grads[0], (x.grad as Tensor).toArray());
  assertHolds(vjp(f, x).pull(t(1)), (x.grad as Tensor).toArray());
});

test('directions of another form, shape or dtype, and results of another kind, are refused by name', () => {
  const x = t([1, 2]);
  assertRefuses(() => vjp(square, x).pull(t([1])), ShapeError, 'vjp', /v 0 has another shape/);
  assertRefuses(() => vjp(square, x).pull(tensor([1, 1])), DTypeError, 'vjp', /float32/);
  assertRefuses(() => jvp(square, x, t([1])), ShapeError, 'jvp', /direction 0/);
  assertRefuses(() => jvp(square, x, [x, x] as unknown as Tensor), ShapeError, 'jvp', /1 directions are needed/);
  assertRefuses(() => hvp(cubes, x, t(1)), ShapeError, 'hvp', /direction 0/);
  assertRefuses(() => hessian(square, x), GradError, 'hessian', /one number/);
  assertRefuses(() => hvp(square, x, x), GradError, 'hvp', /one number/);
  assertRefuses(() => valueAndGrad(square)(x), GradError, 'valueAndGrad', /one number/);
  assertRefuses(() => jacobian((() => [x]) as unknown as typeof square, x), GradError, 'jacobian', /one tensor/);
  assertRefuses(() => vjp(square, tensor([1], { dtype: 'int32' })), DTypeError, 'vjp', /input 0 is int32/);
  assertRefuses(() => vjp((a) => a.greater(0), x), DTypeError, 'vjp', /result 0 is bool/);
});
