/** The first NaN, named: by the op whose result it is, or by the rule, with the place where the call was made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectAnomaly } from '../../src/autograd/anomaly.ts';
import { checkpoint } from '../../src/autograd/checkpoint.ts';
import { customFunction } from '../../src/autograd/customFunction.ts';
import { tap } from '../../src/autograd/ops/tap.ts';
import {
  add,
  backward,
  div,
  exp,
  full,
  GradError,
  grad,
  log,
  mean,
  meta,
  mul,
  softmax,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import { assertHolds, assertRefuses } from '../harness/compare.ts';

const vector = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

test('forward: the first op whose result holds NaN is refused by name, with the place', () => {
  const x = tensor([
    [1, 4],
    [9, -1],
  ]);
  assertHolds(
    detectAnomaly(() => sum(x)),
    13,
  );
  assertRefuses(() => detectAnomaly(() => exp(sqrt(x))), GradError, 'sqrt', /NaN, first at \[1,1\]; no operand does/);
  assert.ok(Number.isNaN(exp(sqrt(x)).data[3]), 'and only inside');
});

test('NaN that comes in is told from NaN that is made', () => {
  const x = tensor([1, Number.NaN]);
  assertRefuses(() => detectAnomaly(() => add(1, x)), GradError, 'add', /so did operand 1/);
});

test('an op made of others is refused under its own name', () => {
  assertRefuses(() => detectAnomaly(() => mean(tensor([]))), GradError, 'mean', /NaN/);
  const inf = full([2], Number.POSITIVE_INFINITY);
  assertRefuses(() => detectAnomaly(() => softmax(inf)), GradError, 'softmax');
  const f = customFunction({ name: 'mine', forward: (_, x) => log(x).mul(0), backward: (_, dy) => dy });
  assertRefuses(() => detectAnomaly(() => f(tensor([-1]))), GradError, 'mine');
});

test('infinities are no anomaly', () => {
  assertHolds(
    detectAnomaly(() => div(tensor([1]), 0)),
    [Number.POSITIVE_INFINITY],
  );
});

/** The one place in this file that calls sqrt for the test below. */
function rootOfZero(x: Tensor): Tensor {
  return sqrt(x);
}

test('backward: the rule is refused by name of its op, with the stack of the call', () => {
  const x = vector([4, 0]);
  const pass = (): void => backward(sum(mul(rootOfZero(x), 0)));
  assertRefuses(
    () => detectAnomaly(pass),
    GradError,
    'sqrt',
    /its rule gave operand 0 a gradient with NaN at \[1\]; the call was made here:\n(.*\n)*.*rootOfZero.*anomaly\.test/,
  );
  assert.equal(x.grad, null);
  pass();
  assert.ok(Number.isNaN((x.grad as unknown as Tensor).data[1]), 'and only inside');
});

test('backward inside, forward outside: the op is named, its place is not known', () => {
  const x = vector([0]);
  const y = sum(mul(sqrt(x), 0));
  assertRefuses(() => detectAnomaly(() => backward(y)), GradError, 'sqrt', /made outside detectAnomaly/);
});

test('forward inside, backward outside: nothing is looked at', () => {
  const x = vector([0]);
  const y = detectAnomaly(() => sum(mul(sqrt(x), 0)));
  assert.ok(Number.isNaN(grad(y, [x])[0].item()));
});

/** h − h, with gradients ∞ and −∞. */
function cancelling(h: Tensor): Tensor {
  const grown = (k: number): Tensor => tap(mul(h, k), (dy) => mul(dy, Number.POSITIVE_INFINITY));
  return sum(add(grown(1), grown(-1)));
}

test('gradients that cancel to NaN where they meet are found there', () => {
  const x = vector([1]);
  const late = (): unknown => detectAnomaly(() => grad(cancelling(square(x)), [x]));
  assertRefuses(late, GradError, 'square', /arrive at result 0 add up to NaN/);
  for (const pass of [() => grad(cancelling(x), [x]), () => backward(cancelling(x))])
    assert.throws(() => detectAnomaly(pass), /(grad|backward): the gradients that arrive at a leaf add up to NaN/);
});

test('a rule is not blamed for what it computes on the way, or for operands that want no gradient', () => {
  const x = vector([0]);
  const c = tensor([0], { dtype: 'float64' });
  assertHolds(
    detectAnomaly(() => grad(sum(mul(x, c)), [x])[0]),
    [0],
  );
  const careless = customFunction({
    forward: (_, a, b) => mul(a, b),
    backward: (_, dy) => [dy, mul(dy, Number.NaN)],
  });
  assertHolds(
    detectAnomaly(() => grad(sum(careless(x, c)), [x])[0]),
    [1],
  );
});

test('second derivatives and checkpoint are watched too', () => {
  const x = vector([0]);
  const power = (a: Tensor): Tensor => mul(a, sqrt(a));
  const twice = (): unknown => {
    const [dx] = grad(power(x), [x], { createGraph: true });
    return grad(dx, [x]);
  };
  assertRefuses(() => detectAnomaly(twice), GradError, 'sqrt');
  const again = (): void =>
    backward(
      sum(
        mul(
          checkpoint((a: Tensor) => sqrt(a), x),
          0,
        ),
      ),
    );
  assertRefuses(() => detectAnomaly(again), GradError, 'sqrt', /the call was made here/);
});

test('on meta there is nothing to look at', () => {
  const x = full([2], -1, { device: meta });
  assert.equal(detectAnomaly(() => sqrt(x)).device, meta);
});

test('the search ends with the function, also after an error; nested it goes on; a promise is refused', () => {
  const bad = (): Tensor => sqrt(tensor([-1]));
  assert.throws(() => detectAnomaly(bad), GradError);
  assert.ok(bad());
  assertRefuses(
    () =>
      detectAnomaly(() => {
        detectAnomaly(() => 1);
        return bad();
      }),
    GradError,
    'sqrt',
  );
  assertRefuses(() => detectAnomaly(async () => 1), GradError, 'detectAnomaly', /asynchronous/);
  assertRefuses(() => detectAnomaly(5 as unknown as () => number), GradError, 'detectAnomaly', /a function/);
  assert.ok(bad());
});
