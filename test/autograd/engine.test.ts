/** Gradients as users of PyTorch know them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  backward,
  defineOp,
  exp,
  GradError,
  grad,
  meta,
  mul,
  neg,
  noGrad,
  type Op,
  ones,
  reshape,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const scalar = (value: number): Tensor => tensor(value, { dtype: 'float64', requiresGrad: true });
/** The gradient that backward left on a leaf. */
const stored = (x: Tensor): Tensor => {
  assert.ok(x.grad, 'no gradient arrived');
  return x.grad;
};

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('backward adds to .grad of every leaf, again at every pass; zeroGrad forgets it', () => {
  const x = vector([1, 2]);
  const w = vector([10, 20]);
  const frozen = tensor([5, 5], { dtype: 'float64' });
  const loss = () => sum(mul(mul(x, w), frozen));
  backward(loss());
  assertHolds(stored(x), [50, 100]);
  assertHolds(stored(w), [5, 10]);
  assert.equal(frozen.grad, null);
  backward(loss());
  assertHolds(stored(x), [100, 200]);
  x.zeroGrad();
  assert.equal(x.grad, null);
  backward(loss());
  assertHolds(stored(x), [50, 100]);
  assertHolds(stored(w), [15, 30]);
});

test('grad returns gradients in the order asked for, and stores none', () => {
  const [x, y] = [scalar(3), scalar(4)];
  const [dy, dx] = grad(mul(square(x), y), [y, x]);
  assert.deepEqual([dx.item(), dy.item()], [24, 9]);
  assert.deepEqual([x.grad, y.grad], [null, null]);
  assert.deepEqual(grad(square(x), []), []);
});

test('a leaf used along several paths, or twice in one call, gets the sum', () => {
  const x = scalar(3);
  const a = square(x);
  const b = mul(x, 5);
  assert.equal(grad(mul(a, b), [x])[0].item(), 3 * 5 * 9);
  assert.equal(grad(mul(x, x), [x])[0].item(), 6);
  let y: Tensor = x;
  for (let i = 0; i < 30; i++) y = add(y, y);
  assert.equal(grad(y, [x])[0].item(), 2 ** 30);
});

test('a diamond is walked once: each call’s rule runs when everything above it has', () => {
  const x = scalar(2);
  const base = exp(x);
  const y = add(mul(base, 2), mul(square(base), 3));
  const e = Math.exp(2);
  assert.ok(Math.abs(grad(y, [x])[0].item() / (2 * e + 6 * e * e) - 1) < 1e-15);
});

test('an input that the outputs do not depend on raises, unless allowUnused gives null', () => {
  const [x, z] = [scalar(1), scalar(1)];
  assertRefuses(() => grad(square(x), [x, z]), GradError, 'grad', /do not depend on input 1/);
  const [dx, dz] = grad(square(x), [x, z], { allowUnused: true });
  assert.equal(dx?.item(), 2);
  assert.equal(dz, null);
  const side = square(z);
  assertRefuses(() => grad(square(x), [side]), GradError, 'grad', /input 0/);
});

test('an input that requires no gradient raises', () => {
  const x = scalar(1);
  const c = tensor(2, { dtype: 'float64' });
  assertRefuses(() => grad(mul(x, c), [x, c]), GradError, 'grad', /input 1 does not require a gradient/);
  assertRefuses(() => grad(mul(x, c), [mul(x, c).detach()]), GradError, 'grad', /input 0/);
});

test('a second pass needs retainGraph on the first, and names the op that was freed', () => {
  const x = scalar(3);
  const y = square(x);
  backward(y);
  assertRefuses(() => backward(y), GradError, 'square', /retainGraph/);
  const z = square(x);
  x.zeroGrad();
  for (const retainGraph of [true, true, false]) backward(z, { retainGraph });
  assert.equal(x.grad?.item(), 18);
  assertRefuses(() => grad(z, [x]), GradError, 'square', /freed/);
  const shared = exp(x);
  backward(square(shared));
  assertRefuses(() => backward(neg(shared)), GradError, 'exp', /freed/);
});

test('gradients of an intermediate result, of an output by itself, and past both', () => {
  const x = scalar(3);
  const h = square(x);
  const y = mul(h, 5);
  const [dh, dy, dx] = grad(y, [h, y, x]);
  assert.deepEqual([dh.item(), dy.item(), dx.item()], [5, 1, 30]);
  assert.equal(grad(x, [x])[0].item(), 1);
});

test('several outputs add up, each weighted with its own gradOutputs', () => {
  const x = vector([1, 2]);
  const [a, b] = [mul(x, 2), square(x)];
  const w = [tensor([1, 10], { dtype: 'float64' }), tensor([100, 1000], { dtype: 'float64' })];
  assertHolds(grad([a, b], [x], { gradOutputs: w })[0], [202, 4020]);
  const s = scalar(3);
  const t = mul(s, 2);
  assert.equal(grad([t, mul(t, 3)], [t], { retainGraph: true })[0].item(), 4);
  assert.equal(grad([t, t], [s])[0].item(), 4);
});

test('an output of several elements needs its gradient; of one element, in any shape, not', () => {
  const x = vector([1, 2]);
  assertRefuses(() => backward(square(x)), GradError, 'backward', /not a single number/);
  assertRefuses(() => grad([sum(x), square(x)], [x]), GradError, 'grad', /output 1 is not a single number/);
  backward(square(x), { gradOutput: tensor([1, 10], { dtype: 'float64' }) });
  assertHolds(stored(x), [2, 40]);
  assertHolds(grad(reshape(sum(x), [1, 1]), [x])[0], [1, 1]);
});

test('a gradOutput of another shape, dtype, device or number is refused', () => {
  const x = vector([1, 2]);
  const one = tensor([1, 1], { dtype: 'float64' });
  for (const bad of [ones([3], { dtype: 'float64' }), ones([2]), ones([2], { dtype: 'float64', device: meta })])
    assertRefuses(() => backward(square(x), { gradOutput: bad }), GradError, 'backward', /gradient 0 is/);
  assertRefuses(() => grad(square(x), [x], { gradOutputs: [one, one] }), GradError, 'grad', /1 outputs need as many/);
});

test('detach and noGrad cut the graph; backward from what is cut raises', () => {
  const x = scalar(3);
  assert.equal(grad(mul(square(x).detach(), x), [x])[0].item(), 9);
  for (const y of [square(x).detach(), noGrad(() => square(x)), square(tensor(2))])
    assertRefuses(() => backward(y), GradError, 'backward', /noGrad/);
  assert.ok(!noGrad(() => square(x)).requiresGrad);
});

/** An op whose rule gives back its operand: a tensor with a graph of its own. */
const handsOn: Op<1> = defineOp({ ...square.record, name: 'handsOn', backward: ({ inputs: [x] }) => [x] });

test('gradients have no graph unless createGraph asks for one', () => {
  const x = scalar(3);
  backward(mul(x, x));
  assert.ok(!stored(x).requiresGrad && !grad(mul(x, x), [x])[0].requiresGrad);
  assert.ok(grad(mul(x, x), [x], { createGraph: true })[0].requiresGrad);
  const g = scalar(2);
  for (const y of [x, add(x, 1), handsOn(x)]) assert.ok(!grad(y, [x], { gradOutputs: [g] })[0].requiresGrad);
  x.zeroGrad();
  backward(x, { gradOutput: g });
  assert.ok(!stored(x).requiresGrad && stored(x).storage !== g.storage);
  assert.ok(grad(add(x, 1), [x], { gradOutputs: [g], createGraph: true })[0].requiresGrad);
});

test('createGraph: second and third derivatives of x³, of 1/x-like quotients, and of e^x', () => {
  const x = scalar(2);
  const derive = (y: Tensor): Tensor => grad(y, [x], { createGraph: true })[0];
  const cube = mul(mul(x, x), x);
  const chain = [cube];
  for (let i = 0; i < 3; i++) chain.push(derive(chain[i]));
  assert.deepEqual(
    chain.map((t) => t.item()),
    [8, 12, 12, 6],
  );
  let e: Tensor = exp(x);
  for (let i = 0; i < 4; i++) e = derive(e);
  assert.ok(Math.abs(e.item() - Math.exp(2)) < 1e-14);
});

test('createGraph through backward: .grad can be differentiated, and a penalty on it trained', () => {
  const x = scalar(2);
  backward(mul(square(x), x), { createGraph: true });
  const slope = stored(x);
  assert.equal(slope.item(), 12);
  assert.equal(grad(square(slope), [x])[0].item(), 2 * 12 * 12);
});

test('mixed second derivatives are symmetric', () => {
  const [x, y] = [scalar(1.5), scalar(-0.5)];
  const f = () => mul(exp(mul(x, y)), sub(x, square(y)));
  const [dx, dy] = grad(f(), [x, y], { createGraph: true });
  const [, dxdy] = grad(dx, [x, y], { retainGraph: true });
  const [dydx] = grad(dy, [x]);
  assert.ok(Math.abs(dxdy.item() - dydx.item()) < 1e-14);
});

test('every .grad has storage of its own: a write to one reaches no other tensor', () => {
  const [a, b] = [vector([1, 2]), vector([3, 4])];
  const gradOutput = tensor([1, 1], { dtype: 'float64' });
  backward(add(reshape(a, [2]), b), { gradOutput });
  const [da, db] = [stored(a), stored(b)];
  da.assign_(zeros([2], { dtype: 'float64' }));
  assertHolds(db, [1, 1]);
  assertHolds(gradOutput, [1, 1]);
});

test('a slice passes gradients to its place in the leaf', () => {
  const x = vector([1, 2, 3]);
  const y = add(square(slice(x, [0])), mul(slice(x, [2]), 7));
  assertHolds(grad(y, [x])[0], [2, 0, 7]);
});

test('a leaf frozen after the call still gets what was recorded; one thawed after does not', () => {
  const [x, w] = [scalar(3), tensor(4, { dtype: 'float64' })];
  const y = mul(x, w);
  w.requiresGrad = true;
  assertRefuses(() => grad(y, [w], { retainGraph: true }), GradError, 'grad', /do not depend/);
  assert.equal(grad(y, [x])[0].item(), 4);
});
