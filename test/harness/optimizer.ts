/** The laws of an optimizer: it follows the published algorithm, and keeps to the parameters and the state that it names. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, type DType, GradError, type Tensor, tensor } from '../../src/index.ts';
import { euclidean, type Hyper, type Optimizer, Parameter, type Rule, type Trainable } from '../../src/nn/index.ts';

/** What an optimizer claims to be. */
export interface OptimizerClaim<H extends Hyper> {
  readonly name: string;
  make(parameters: Trainable, hyper: H): Optimizer;
  readonly rule: Rule<H>;
  readonly hypers: fc.Arbitrary<H>;
  /** The published algorithm for one number: called once a step with the point and its gradient, gives the next point. */
  scalar(hyper: H): (x: number, g: number) => number;
  /** Numbers of state for each number of a parameter. */
  stateValues(hyper: H): number;
}

const steps = 20;
const grid = fc.integer({ min: -32, max: 32 }).map((k) => k / 16);
const lists = (length: number): fc.Arbitrary<number[]> => fc.array(grid, { minLength: length, maxLength: length });
/** A start and the gradients of every step, three numbers each. */
const runs = fc.record({ start: lists(3), gradients: fc.array(lists(3), { minLength: steps, maxLength: steps }) });

/** A parameter with these values. */
export const parameterOf = (values: readonly number[], dtype: DType = 'float64'): Parameter =>
  new Parameter(tensor([...values], { dtype }));

/** Give a parameter a gradient, as a backward pass would. */
export function give(p: Parameter, gradient: readonly number[]): void {
  p.grad = tensor([...gradient], { dtype: p.dtype });
}

/** Take one step along the given gradients. */
export function stepAlong(optimizer: Optimizer, gradients: ReadonlyMap<Parameter, readonly number[]>): void {
  optimizer.zeroGrad();
  for (const [p, g] of gradients) give(p, g);
  optimizer.step();
}

/** Fails unless |a − b| <= tolerance·max(1, |b|) for all numbers. */
export function assertNear(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  tolerance: number,
  what: string = 'values',
): void {
  assert.equal(a.length, b.length, what);
  for (let i = 0; i < a.length; i++)
    if (!(Math.abs(a[i] - b[i]) <= tolerance * Math.max(1, Math.abs(b[i]))))
      assert.fail(`${what}: element ${i} is ${a[i]}, expected ${b[i]}`);
}

/** Put an optimizer under the laws. */
export function checkOptimizer<H extends Hyper>(claim: OptimizerClaim<H>): void {
  describe(`${claim.name} is the optimizer it says`, () => {
    followsThePaper(claim);
    isPure(claim);
    resets(claim);
    counts(claim);
    leavesAlone(claim);
    refuses(claim);
  });
}

function followsThePaper<H extends Hyper>({ make, scalar, hypers }: OptimizerClaim<H>): void {
  const law = (dtype: DType, tolerance: number): void =>
    fc.assert(
      fc.property(hypers, runs, (hyper, { start, gradients }) => {
        const p = parameterOf(start, dtype);
        const optimizer = make([p], hyper);
        const advance = start.map(() => scalar(hyper));
        let expected = start;
        for (const [i, g] of gradients.entries()) {
          expected = expected.map((x, j) => advance[j](x, g[j]));
          stepAlong(optimizer, new Map([[p, g]]));
          assertNear(p.data, expected, tolerance, `step ${i}`);
        }
        assert.equal(optimizer.steps, steps);
      }),
    );
  test(`${steps} steps are those of the published algorithm, number by number: float64 to 1e-12`, () =>
    law('float64', 1e-12));
  test('float32 stays within 1e-4 of it', () => law('float32', 1e-4));
}

function isPure<H extends Hyper>({ rule, hypers }: OptimizerClaim<H>): void {
  test('the rule writes nothing in place: the point, the gradient and the state before stay, and asking twice gives the same', () => {
    const bits = (t: Tensor): number[] => [...t.data, t.storage.version];
    fc.assert(
      fc.property(hypers, lists(3), lists(3), (hyper, start, gradient) => {
        const [x, g] = [start, gradient].map((values) => tensor(values, { dtype: 'float64' }));
        const first = rule(x, g, {}, hyper, euclidean);
        const kept = [x, g, ...Object.values(first.state).filter((s) => typeof s === 'object')];
        const before = kept.map(bits);
        const [second, again] = [0, 1].map(() => rule(first.x, g, first.state, hyper, euclidean));
        assert.deepEqual(kept.map(bits), before);
        assert.deepEqual([...second.x.data], [...again.x.data]);
      }),
    );
  });
}

function resets<H extends Hyper>({ make, hypers, stateValues }: OptimizerClaim<H>): void {
  test('after a reset a parameter goes on like a new one, the others as before; the count says what was forgotten', () => {
    fc.assert(
      fc.property(hypers, runs, (hyper, { start, gradients }) => {
        const [p, q, kept] = [parameterOf(start), parameterOf(start), parameterOf(start)];
        const optimizer = make([p, kept], hyper);
        const other = make([q], hyper);
        assert.equal(optimizer.reset([p, kept]), 0, 'nothing is kept before the first step');
        for (const g of gradients.slice(0, 5)) stepAlong(optimizer, new Map([p, kept].map((t) => [t, g])));
        assert.equal(optimizer.reset([p]), p.size * stateValues(hyper));
        assert.equal(optimizer.reset([p]), 0, 'a second time');
        q.assign_(p);
        const one = make([kept], hyper);
        assert.equal(one.reset([kept]), 0, 'state belongs to an optimizer, not to a parameter');
        for (const g of gradients.slice(5)) {
          stepAlong(optimizer, new Map([[p, g]]));
          stepAlong(other, new Map([[q, g]]));
        }
        assert.deepEqual([...p.data], [...q.data]);
        assert.equal(optimizer.reset([kept]), kept.size * stateValues(hyper), 'the other kept its state');
      }),
    );
  });
}

function counts<H extends Hyper>({ make, hypers, stateValues }: OptimizerClaim<H>): void {
  test('stateBytes is exact: 0 before the first step, then bytes per value of what had a gradient', () => {
    fc.assert(
      fc.property(hypers, fc.constantFrom<DType>('float32', 'float64'), (hyper, dtype) => {
        const [p, unused] = [parameterOf([1, 2, 3], dtype), parameterOf([1, 2], dtype)];
        const optimizer = make([p, unused], hyper);
        assert.equal(optimizer.stateBytes, 0);
        for (let i = 0; i < 3; i++) stepAlong(optimizer, new Map([[p, [1, -1, 0.5]]]));
        assert.equal(optimizer.stateBytes, 3 * stateValues(hyper) * (dtype === 'float32' ? 4 : 8));
      }),
    );
  });
}

function leavesAlone<H extends Hyper>({ make, hypers }: OptimizerClaim<H>): void {
  test('a parameter without a gradient, or frozen, keeps every bit and gets no state', () => {
    fc.assert(
      fc.property(hypers, lists(3), (hyper, start) => {
        const [p, without, frozen] = [parameterOf(start), parameterOf(start), parameterOf(start)];
        frozen.requiresGrad = false;
        const optimizer = make([p, without, frozen], hyper);
        stepAlong(optimizer, new Map([p, frozen].map((t) => [t, [1, 2, 3]])));
        for (const t of [without, frozen]) {
          assert.deepEqual([...t.data], start);
          assert.equal(t.storage.version, 0);
          assert.deepEqual(optimizer.stateOf(t), {});
        }
        assert.equal(p.storage.version, 1);
      }),
    );
  });
}

function refuses<H extends Hyper>({ make, hypers }: OptimizerClaim<H>): void {
  const [hyper] = fc.sample(hypers, 1);
  test('a step without any gradient raises GradError and counts no step', () => {
    const optimizer = make([parameterOf([1])], hyper);
    assert.throws(() => optimizer.step(), GradError);
    assert.equal(optimizer.steps, 0);
  });
  test('no parameters, a parameter twice, and a negative or NaN lr or weightDecay are refused, in groups too', () => {
    const [p, q] = [parameterOf([1]), parameterOf([2])];
    const refused = (parameters: Trainable, h: H = hyper): void =>
      assert.throws(() => make(parameters, h), DomainError);
    refused([]);
    refused([{ parameters: [] }]);
    refused([p, q, p]);
    refused([{ parameters: [p] }, { parameters: [q, p] }]);
    for (const bad of [{ lr: -0.1 }, { lr: Number.NaN }, { weightDecay: -1 }]) {
      refused([p], { ...hyper, ...bad });
      refused([{ parameters: [p] }, { parameters: [q], hyper: bad }]);
    }
  });
}
