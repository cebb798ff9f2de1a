/** vjp, jvp, jacobian, hessian, hvp, valueAndGrad against hand-computed derivatives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from '../../src/autograd/transforms.ts';
import { add, exp, grad, isRecording, matmul, mul, noGrad, square, sum, type Tensor, tensor } from '../../src/index.ts';
import { assertHolds } from '../harness/compare.ts';

const t = (values: number | number[] | number[][], requiresGrad: boolean = false): Tensor =>
  tensor(values, { dtype: 'float64', requiresGrad });

/** x·(x₀ + x₁ + …): its Jacobian is diag(Σx) + x·1ᵀ. */
const scaled = (x: Tensor): Tensor => mul(x, sum(x));
/** Σ x³: its gradient is 3x², its Hessian diag(6x). */
const cubes = (x: Tensor): Tensor => sum(mul(square(x), x));
/** (x₀·y₀ + x₁·y₁, x₀² + y₀): two inputs, two results. */
const pair = (x: Tensor, y: Tensor): [Tensor, Tensor] => [sum(mul(x, y)), add(square(x), y)];

test('vjp: the value, and vᵀJ for as many v as wanted', () => {
  const { value, pull } = vjp(scaled, t([1, 2]));
  assertHolds(value, [3, 6]);
  assertHolds(pull(t([1, 0])), [4, 1]);
  assertHolds(pull(t([0, 1])), [2, 5]);
  assertHolds(pull(t([10, 100])), [240, 510]);
});

test('jvp: the value, and J·v, exact', () => {
  const { value, tangent } = jvp(scaled, t([1, 2]), t([1, 10]));
  assertHolds(value, [3, 6]);
  assertHolds(tangent, [14, 52]);
  assertHolds(jvp(exp, t(0), t(3)).tangent, 3);
});

test('jacobian: shape [...y, ...x], one row per element of the result', () => {
  assertHolds(jacobian(scaled, t([1, 2])), [
    [4, 1],
    [2, 5],
  ]);
  assertHolds(jacobian(square, t(3)), 6);
  const w = t([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(jacobian((x) => matmul(x, w), t([[1, 1]])).shape, [1, 2, 1, 2]);
  assertHolds(
    jacobian((x) => matmul(x, w), t([[1, 1]])),
    [[[[1, 3]], [[2, 4]]]],
  );
});

test('hessian: of Σx³, of a product of two inputs', () => {
  assertHolds(hessian(cubes, t([1, 2])), [
    [6, 0],
    [0, 12],
  ]);
  const [[xx, xy], [yx, yy]] = hessian((x, y) => mul(square(x), y), [t(3), t(5)]);
  assert.deepEqual(
    [xx, xy, yx, yy].map((h) => h.item()),
    [10, 6, 6, 0],
  );
});

test('hvp: H·v without H', () => {
  assertHolds(hvp(cubes, t([1, 2]), t([1, 10])), [6, 120]);
  const [hx, hy] = hvp((x, y) => mul(square(x), y), [t(3), t(5)], [t(1), t(2)]);
  assert.deepEqual([hx.item(), hy.item()], [10 + 12, 6]);
});

test('valueAndGrad: a function that gives both, gradients in the order of the operands', () => {
  const both = valueAndGrad((x: Tensor, y: Tensor) => sum(mul(x, y)));
  const { value, grads } = both(t([1, 2]), t([5, 6]));
  assert.equal(value.item(), 17);
  assertHolds(grads[0], [5, 6]);
  assertHolds(grads[1], [1, 2]);
  assert.equal(grads.length, 2);
});

test('several inputs and several results keep their form', () => {
  const [x, y] = [t([1, 2]), t([3, 4])];
  const { value, pull } = vjp(pair, [x, y]);
  assert.equal(value[0].item(), 11);
  assertHolds(value[1], [4, 8]);
  const [dx, dy] = pull([t(1), t([10, 100])]);
  assertHolds(dx, [3 + 20, 4 + 400]);
  assertHolds(dy, [1 + 10, 2 + 100]);
  const { tangent } = jvp(pair, [x, y], [t([1, 0]), t([0, 1])]);
  assert.equal(tangent[0].item(), 3 + 2);
  assertHolds(tangent[1], [2, 1]);
  const one = jacobian((a, b) => mul(a, b), [x, y]);
  assertHolds(one[1], [
    [1, 0],
    [0, 2],
  ]);
  assert.ok(Array.isArray(vjp((a) => a, [x]).pull(x)) && !Array.isArray(vjp((a) => a, x).pull(x)));
});

test('inputs need not require a gradient, and are not touched', () => {
  const [free, leaf] = [t([1, 2]), t([1, 2], true)];
  for (const x of [free, leaf]) {
    const before = x.requiresGrad;
    const results = [
      vjp(cubes, x).pull(t(1)),
      vjp(cubes, x).value,
      jvp(cubes, x, x).tangent,
      jacobian(cubes, x),
      hessian(cubes, x),
      hvp(cubes, x, x),
      valueAndGrad(cubes)(x).value,
      ...valueAndGrad(cubes)(x).grads,
    ];
    for (const [i, result] of results.entries()) assert.ok(!result.requiresGrad && result.node === null, `result ${i}`);
    assert.deepEqual([x.grad, x.node, x.requiresGrad], [null, null, before]);
    assertHolds(x, [1, 2]);
  }
});

test('createGraph: the results can be differentiated again, by inputs and by what the function uses', () => {
  const [x, w] = [t([1, 2], true), t([3, 4], true)];
  const f = (a: Tensor): Tensor => sum(mul(w, mul(square(a), a)));
  const on = { createGraph: true };
  const results = [
    sum(vjp(f, x, on).pull(t(1))),
    sum(jvp(f, x, t([1, 1]), on).tangent),
    sum(jacobian(f, x, on)),
    sum(valueAndGrad(f, on)(x).grads[0]),
  ];
  for (const [i, y] of results.entries()) {
    const [dx, dw] = grad(y, [x, w]);
    assertHolds(dx, [18, 48], `Σ3wx² by x, result ${i}`);
    assertHolds(dw, [3, 12], `Σ3wx² by w, result ${i}`);
  }
  for (const y of [sum(hessian(f, x, on)), sum(hvp(f, x, t([1, 1]), on))]) {
    const [dx, dw] = grad(y, [x, w]);
    assertHolds(dx, [18, 24]);
    assertHolds(dw, [6, 12]);
  }
  const { value } = valueAndGrad(f, on)(x);
  assertHolds(grad(value, [w])[0], [1, 8]);
  const v = t([1, 1], true);
  assertHolds(grad(sum(vjp(scaled, x, on).pull(v)), [v])[0], [5, 7]);
  const inside = noGrad(() => jacobian(f, x, on));
  assertHolds(grad(sum(inside), [x])[0], [18, 48]);
});

test('inside the function of another transform results are differentiable by themselves', () => {
  const x = t([1, 2]);
  assertHolds(
    jacobian((a) => jacobian(cubes, a), x),
    [
      [6, 0],
      [0, 12],
    ],
  );
  assertHolds(
    jacobian((a) => mul(a, jacobian(cubes, a)), x),
    [
      [9, 0],
      [0, 36],
    ],
  );
  const third = jvp((a) => jvp((b) => jvp(cubes, b, t([1, 0])).tangent, a, t([1, 0])).tangent, x, t([1, 0]));
  assert.equal(third.tangent.item(), 6);
  assertHolds(
    jacobian((a) => valueAndGrad(cubes)(a).grads[0], x),
    [
      [6, 0],
      [0, 12],
    ],
  );
  assert.ok(!jacobian(cubes, t([1], true)).requiresGrad, 'and only there');
});

test('what an input does not reach is zeros', () => {
  const [x, y] = [t([1, 2]), t([3])];
  assertHolds(vjp((a, _) => mul(a, 2), [x, y]).pull(x)[1], [0]);
  assertHolds(jvp(() => t([5, 5]), x, x).tangent, [0, 0]);
  assertHolds(
    jacobian(() => t([5, 5, 5]), x),
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  );
  assertHolds(hessian(sum, x), [
    [0, 0],
    [0, 0],
  ]);
  assertHolds(hvp(sum, x, x), [0, 0]);
  assertHolds(valueAndGrad((a: Tensor, _: Tensor) => sum(a))(x, y).grads[1], [0]);
  assert.deepEqual(jacobian((a) => a, t([])).shape, [0, 0]);
  assert.deepEqual(vjp(() => x, []).pull(x), []);
});

test('they work inside noGrad, and leave recording as it was', () => {
  assertHolds(
    noGrad(() => jacobian(square, t([1, 2]))),
    [
      [2, 0],
      [0, 4],
    ],
  );
  assert.ok(!noGrad(() => vjp(square, t([1], true)).value).requiresGrad);
  assert.throws(
    () =>
      vjp(() => {
        throw new RangeError('inside');
      }, t(1)),
    RangeError,
  );
  assert.ok(isRecording());
});
