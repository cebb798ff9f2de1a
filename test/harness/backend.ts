import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Shape, zeros } from '../../src/index.ts';
import type { Device } from '../../src/tensor/device.ts';
import { simdOverlay } from '../../src/tensor/device.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import { Rng } from '../../src/tensor/rng.ts';
import { pin, scope, unpin } from '../../src/tensor/scope.ts';
import { crew } from '../../src/tensor/simd/crew.ts';
import { whyPlain } from '../../src/tensor/simd/settings.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { probes } from './arbitraries.ts';
import { list, plainly } from './definition.ts';

/** A kernel, called with its operands and attributes. */
type AnyKernel = (inputs: readonly Tensor[], attrs: unknown) => Tensor | readonly Tensor[];

/** What a device's version of a kernel is held to. */
export interface BackendCase {
  /** The kernel's name in the overlay. */
  readonly name: string;
  readonly kernel: unknown;
  /** Operands and attributes: sizes 0, 1, odd, ragged and large ones among them. */
  readonly calls: fc.Arbitrary<readonly [inputs: readonly Tensor[], attrs: unknown]>;
  /**
   * Largest error allowed. Of each element relative to itself; with `of: 'result'` relative to the largest element of the result, and
   * with a function to what it gives for the call. Infinities and NaN stand where they stand in the definition's result.
   */
  readonly tolerance: number;
  readonly of?: 'element' | 'result' | ((inputs: readonly Tensor[], attrs: unknown) => number);
  /** Below this the error is absolute: for results that may lose denormal numbers. Default 2⁻¹⁴⁹. */
  readonly smallest?: number;
}

const copies = (made: Tensor | readonly Tensor[]): Data[] => list(made).map((y) => y.data.slice());

/** Run as three threads would divide it, one after the other. */
function divided<T>(fn: () => T): T {
  const { size, least } = crew;
  const run = crew.run;
  Object.assign(crew, {
    size: 3,
    least: Number.MIN_VALUE,
    run: (entry: { run(...args: number[]): unknown }, parts: number, argsOf: (part: number) => readonly number[]) => {
      for (let part = parts - 1; part >= 0; part--) entry.run(...argsOf(part));
    },
  });
  try {
    return fn();
  } finally {
    Object.assign(crew, { size, least, run });
  }
}

/** The bytes as text. NaN is one value: its sign and payload depend on which compiler of the engine has got to a kernel. */
function bits(data: Data): string {
  const copy = data.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  return Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength).toString('base64');
}
const sameBits = (a: readonly Data[], b: readonly Data[], what: string): void =>
  assert.deepEqual(a.map(bits), b.map(bits), what);

function largest(data: Data): number {
  let most = 0;
  for (const v of data) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v));
  return most;
}

function assertClose(found: Data, expected: Data, scale: number | null, tolerance: number, smallest: number): void {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    const [y, e] = [found[i], expected[i]];
    if (Object.is(y, e) || y === e) continue;
    const room = Math.max(tolerance * (scale ?? Math.abs(e)), smallest);
    assert.ok(Math.abs(y - e) <= room, `element ${i} is ${y}, by definition ${e}; ${Math.abs(y - e)} > ${room}`);
  }
}

/** The kernel as it is meant, and by its definition, on one call. */
function agrees(
  { kernel, tolerance, of, smallest = 2 ** -149 }: BackendCase,
  inputs: readonly Tensor[],
  attrs: unknown,
): void {
  const run = kernel as AnyKernel;
  const scaleOf = (expected: Data): number | null =>
    of === undefined || of === 'element' ? null : of === 'result' ? largest(expected) : of(inputs, attrs);
  const before = copies(inputs);
  const found = list(run(inputs, attrs));
  sameBits(copies(inputs), before, 'operands changed');
  const expected = plainly(() => list(run(inputs, attrs)));
  for (const [i, y] of found.entries()) {
    assert.deepEqual([y.shape, y.dtype], [expected[i].shape, expected[i].dtype]);
    assertClose(y.data, expected[i].data, scaleOf(expected[i].data), tolerance, smallest);
  }
}

/** The same call with operands outside and inside the memory, on one thread and divided. */
function sameEverywhere(run: () => Tensor | readonly Tensor[], inputs: readonly Tensor[]): void {
  const copied = copies(run());
  const scoped = (): Data[] => scope(() => copies(run()));
  const inParts = divided(() => copies(run()));
  sameBits(copied, inParts, 'divided, copied');
  pin(inputs);
  try {
    sameBits(copied, scoped(), 'in place');
    sameBits(copied, divided(scoped), 'divided, in place');
    const around = scope(() => neighbours(run));
    assert.ok(
      around.every((v) => v === 7),
      'a neighbour was written',
    );
  } finally {
    unpin(inputs);
  }
}

/** What stands in the memory before and after a result, where only sevens were. */
function neighbours(run: () => Tensor | readonly Tensor[]): number[] {
  const first = Tensor.allocate([16], 'float32');
  first.data.fill(7);
  const ys = list(run());
  const last = Tensor.allocate([64], 'float32');
  last.data.fill(7);
  sameBits(copies(ys), copies(run()), 'twice');
  return [...first.data, ...last.data];
}

/**
 * The laws of a kernel that a device lays over a definition: it agrees with it; operands outside and inside the memory, and one
 * or several threads, give the same bits; nothing but the results is written; some of the calls are really its own.
 */
export function checkBackend(device: Device, claim: BackendCase): void {
  const { name, kernel, calls } = claim;
  const accepts = (inputs: readonly Tensor[], attrs: unknown): boolean =>
    device.overlay.get(name)?.accepts(inputs as readonly never[], attrs as never) === true;

  test(`${device.name} ${name}: agrees with the definition`, () => {
    assert.ok(device.overlay.has(name), `no overlay for '${name}'`);
    let own = 0;
    const holds = ([inputs, attrs]: readonly [readonly Tensor[], unknown]): void => {
      if (accepts(inputs, attrs)) own += 1;
      agrees(claim, inputs, attrs);
    };
    fc.assert(fc.property(calls, holds));
    // Where SIMD is switched off for all tests, as a page may, the definition is all there is.
    assert.ok(own > 0 || whyPlain() !== null, `no call of '${name}' was accepted`);
  });

  test(`${device.name} ${name}: the same bits in place, copied, and divided`, () => {
    const run = kernel as AnyKernel;
    const numRuns = Math.ceil((fc.readConfigureGlobal()?.numRuns ?? 100) / 2);
    fc.assert(
      fc.property(calls, ([inputs, attrs]) => sameEverywhere(() => run(inputs, attrs), inputs)),
      { numRuns },
    );
  });
}

/** The overlay of the host, as a device: `checkBackend(simd, …)`. */
export const simd: Device = { name: 'simd', hasData: true, overlay: simdOverlay };

const unusual = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, -3e-42, 1.17549435e-38, 3.4e38, -3.4e38, 88.8, -104];

/** Values of a random tensor: normal ones times `scale`; with `special`, here and there NaN, infinities, zeros, denormals and huge numbers. */
export interface Wild {
  readonly dtype?: 'float32' | 'float64';
  readonly scale?: number;
  readonly special?: boolean;
  /** What is made of every number, special ones included. */
  readonly of?: (x: number) => number;
}

/** A tensor out of a seed, for sizes at which a list of generated numbers would be slow. */
export const wild = (
  shape: Shape,
  { dtype = 'float32', scale = 1, special = false, of = (x) => x }: Wild = {},
): fc.Arbitrary<Tensor> =>
  probes.map((seed) => {
    const rng = new Rng(seed);
    const x = zeros(shape, { dtype });
    for (let i = 0; i < x.size; i++)
      x.data[i] = of(special && rng.uniform() < 0.1 ? unusual[rng.below(unusual.length)] : rng.normal() * scale);
    return x;
  });
