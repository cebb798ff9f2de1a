/** The laws of a module: what it lists is what it computes with, and a linear map is linear, row by row. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  allocations,
  backward,
  type Device,
  type DType,
  gradcheck,
  meta,
  mul,
  noGrad,
  Rng,
  rand,
  sub,
  sum,
  type Tensor,
} from '../../src/index.ts';
import { type LinearMap, type Module, Parameter } from '../../src/nn/index.ts';
import { Storage } from '../../src/tensor/storage.ts';
import { tensors } from './arbitraries.ts';
import { assertClose, assertSame } from './compare.ts';

/** How a module is made: everything random from `rng`. */
export interface Making {
  readonly rng: Rng;
  readonly dtype: DType;
  readonly device?: Device;
}

/** A kind of module, and the width of its input and output. */
export interface ModuleClaim<M extends Module = Module> {
  readonly name: string;
  make(options: Making): M;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Values of all its parameters. */
  readonly size: number;
}

/** What lies at a path, step by step through fields and arrays. */
export const at = (root: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((holder, step) => (holder as Record<string, unknown>)[step], root);

/** The sizes of all buffers that `fn` allocates. */
export function buffers(fn: () => void): number[] {
  const sizes: number[] = [];
  const allocate = Storage.allocate;
  Storage.allocate = (dtype, size) => {
    sizes.push(size);
    return allocate.call(Storage, dtype, size);
  };
  try {
    fn();
  } finally {
    Storage.allocate = allocate;
  }
  return sizes;
}

const float64 = (seed: number): Making => ({ rng: new Rng(seed), dtype: 'float64' });
const seeds = fc.integer({ min: 0, max: 1000 });
const leads = fc.constantFrom<readonly number[]>([], [0], [1], [3], [2, 2], [1, 0, 2]);

/** Put a module under the laws. */
export function checkModule(claim: ModuleClaim): void {
  describe(`${claim.name} is a module`, () => {
    lists(claim);
    computes(claim);
    differentiates(claim);
    countsOnMeta(claim);
  });
}

/** Put a linear map under the laws of a module, and of linearity. */
export function checkLinearMap(claim: ModuleClaim<LinearMap>): void {
  checkModule(claim);
  const { name, make, inFeatures, outFeatures } = claim;
  test(`${name} is affine in x: f(x + y) − f(y) = f(x) − f(0), and f(0) is the bias`, () => {
    fc.assert(
      fc.property(seeds, tensors([2, inFeatures]), tensors([2, inFeatures]), (seed, x, y) => {
        const module = make(float64(seed));
        assert.deepEqual([module.inFeatures, module.outFeatures], [inFeatures, outFeatures]);
        noGrad(() => {
          const zero = module.call(mul(x, 0));
          const [left, right] = [sub(module.call(add(x, y)), module.call(y)), sub(module.call(x), zero)];
          assertClose(left, right, 1e-12, 'difference');
          assertClose(zero, module.bias === null ? mul(zero, 0) : add(mul(zero, 0), module.bias), 0, 'f(0)');
        });
      }),
    );
  });
}

function lists({ make, size }: ModuleClaim): void {
  test('every parameter is listed once, under the path where it lies, and all its values are counted', () => {
    const module = make(float64(1));
    const named = module.namedParameters();
    for (const [path, p] of named) {
      assert.ok(p instanceof Parameter, `${path} is a Parameter`);
      assert.equal(at(module, path), p, path);
    }
    assert.equal(new Set(named.map(([path]) => path)).size, named.length);
    assert.equal(new Set(named.map(([, p]) => p)).size, named.length);
    assert.deepEqual(
      module.parameters(),
      named.map(([, p]) => p),
    );
    assert.equal(
      module.parameters().reduce((n, p) => n + p.size, 0),
      size,
    );
    for (const [path, buffer] of module.namedBuffers()) assert.equal(at(module, path), buffer);
  });
}

function computes({ make, inFeatures, outFeatures }: ModuleClaim): void {
  test('[…, n] becomes […, m] for any leading axes, none and empty ones too; each row depends on its own row alone', () => {
    fc.assert(
      fc.property(seeds, leads, (seed, lead) => {
        const module = make(float64(seed));
        const x = rand([...lead, inFeatures], new Rng(seed), { dtype: 'float64' });
        const y = noGrad(() => module.call(x));
        assert.deepEqual(y.shape, [...lead, outFeatures]);
        for (let i = 0; i < x.size / inFeatures; i++) {
          const alone = noGrad(() => module.call(x.rawView([inFeatures], i * inFeatures)));
          assertClose(y.rawView([outFeatures], i * outFeatures), alone, 1e-14, `row ${i}`);
        }
      }),
    );
  });
  test('the same seed gives the same bits, also when called again', () => {
    const x = rand([3, inFeatures], new Rng(5), { dtype: 'float32' });
    const [a, b] = [make({ rng: new Rng(2), dtype: 'float32' }), make({ rng: new Rng(2), dtype: 'float32' })];
    assertSame(a.call(x).detach(), b.call(x).detach(), 'two modules');
    assertSame(a.call(x).detach(), a.call(x).detach(), 'two calls');
    assert.equal(a.call(x).dtype, 'float32');
  });
}

function differentiates({ make, inFeatures }: ModuleClaim): void {
  test('the gradient of every trainable parameter and of the input agrees with finite differences; the frozen get none', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const module = make(float64(seed));
        const x = rand([3, inFeatures], new Rng(seed), { dtype: 'float64', requiresGrad: true });
        const trained = module.parameters().filter((p) => p.requiresGrad);
        const call = (input: Tensor, ...values: readonly Tensor[]): Tensor =>
          withValues(module, trained, values, () => module.call(input));
        gradcheck(call, [x, ...trained], { fast: true, rtol: 1e-6, atol: 1e-7, rng: new Rng(seed) });
        backward(sum(module.call(x)));
        for (const p of module.parameters()) assert.equal(p.grad !== null, p.requiresGrad);
        module.zeroGrad();
        assert.ok(
          module.parameters().every((p) => p.grad === null),
          'zeroGrad clears every gradient',
        );
      }),
      { numRuns: 15 },
    );
  });
}

/** What fn gives while parameters of a module are other tensors: the values, each in its place. */
export function withValues(
  module: Module,
  places: readonly Parameter[],
  values: readonly Tensor[],
  fn: () => Tensor,
): Tensor {
  const named = module.namedParameters().filter(([, p]) => places.includes(p));
  const put = (path: string, value: unknown): void => {
    const steps = path.split('.');
    const last = steps.pop() as string;
    const holder = steps.length === 0 ? module : at(module, steps.join('.'));
    (holder as Record<string, unknown>)[last] = value;
  };
  for (const [path, p] of named) put(path, values[places.indexOf(p)]);
  try {
    return fn();
  } finally {
    for (const [path, p] of named) put(path, p);
  }
}

function countsOnMeta({ make, inFeatures, outFeatures, size }: ModuleClaim): void {
  test('on the meta device it is built, counted and called without one buffer', () => {
    const before = allocations().count;
    const module = make({ rng: new Rng(1), dtype: 'float32', device: meta });
    const x = rand([5, inFeatures], new Rng(1), { device: meta });
    assert.deepEqual(module.call(x).shape, [5, outFeatures]);
    assert.equal(
      module.parameters().reduce((n, p) => n + p.size, 0),
      size,
    );
    assert.equal(allocations().count, before);
  });
}
