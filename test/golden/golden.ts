/** Reading the numbers that `make.py` wrote, and what it means to agree with them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type DType, grad, type Tensor, tensor } from '../../src/index.ts';

/** A tensor in JSON: numbers, or their names where JSON has none. */
export interface Encoded {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  /** float64 when there is none. */
  readonly dtype?: DType;
}

/** One call of one op, its results and the gradients of its operands under `cotangent`. */
export interface Case {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Encoded[];
  readonly attrs?: unknown;
  /** Relative; 1e-10 when there is none. */
  readonly tolerance?: number;
  readonly outputs: readonly Encoded[];
  readonly grads?: readonly (Encoded | null)[];
}

/** One number on which this library and PyTorch differ on purpose. */
export interface Settled {
  /** `result 0`, `gradient 0` … */
  readonly part: string;
  readonly element: number;
  readonly ours: number;
}

/** How a case is called: operands and attributes in, one result or several out. */
export type Row = (inputs: readonly Tensor[], attrs: never) => Tensor | readonly Tensor[];

/** A file beside this one. */
export const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, import.meta.url)));

/** The cases of a family. */
export const family = <T = Case>(name: string): readonly T[] =>
  JSON.parse(new TextDecoder().decode(bytesOf(`${name}.json`))) as T[];

const named: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };

/** A number, or the number that a name means. */
export const numberOf = (x: number | string): number => (typeof x === 'number' ? x : named[x]);

/** A tensor out of JSON. */
export const decode = ({ shape, data, dtype = 'float64' }: Encoded, requiresGrad: boolean = false): Tensor =>
  tensor(data.map(numberOf), { shape, dtype, requiresGrad: requiresGrad && dtype === 'float64' });

/** dL/dy of every case, the formula of `golden.py`: exact, never 0. */
export const cotangent = ({ shape, size }: Tensor): Tensor =>
  tensor(
    Array.from({ length: size }, (_, i) => (((7 * i) % 13) - 6.5) / 4),
    { shape, dtype: 'float64' },
  );

/** Fails unless values agree to `tolerance`, relative; rounding of the largest value is forgiven to all (1e-13). */
export function assertGolden(actual: Tensor | null, expected: Encoded, tolerance: number, what: string): void {
  const numbers = expected.data.map(numberOf);
  if (actual === null) {
    assert.ok(
      numbers.every((v) => v === 0),
      `${what}: no gradient, expected ${numbers}`,
    );
    return;
  }
  assert.deepEqual([...actual.shape], expected.shape, what);
  assert.equal(actual.dtype, expected.dtype ?? 'float64', what);
  const scale = numbers.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  for (const [i, v] of numbers.entries()) {
    const w: number = actual.data[i];
    if (v === w || (Number.isNaN(v) && Number.isNaN(w))) continue;
    if (!(Math.abs(v - w) <= tolerance * Math.abs(v) + 1e-13 * scale))
      assert.fail(`${what}: element ${i} is ${w}, expected ${v} (${actual} and [${numbers}])`);
  }
}

/** PyTorch's numbers with ours in the place of those that differ on purpose; fails where they would not differ. */
function amended(theirs: Encoded, settled: readonly Settled[], part: string): Encoded {
  const data = [...theirs.data];
  for (const { element, ours } of settled.filter((one) => one.part === part)) {
    assert.ok(!Object.is(numberOf(data[element]), ours), `${part}: PyTorch agrees at element ${element}`);
    data[element] = ours;
  }
  return { ...theirs, data };
}

/** Fails unless a row gives the values and the gradients of a case. */
export function assertCase(row: Row, one: Case, settled: readonly Settled[] = []): void {
  const { inputs, attrs, tolerance = 1e-10, outputs, grads } = one;
  const compare = (y: Tensor | null, theirs: Encoded, part: string): void =>
    assertGolden(y, amended(theirs, settled, part), tolerance, part);
  const xs = inputs.map((x) => decode(x, grads !== undefined));
  const result = row(xs, attrs as never);
  const ys: readonly Tensor[] = Array.isArray(result) ? result : [result];
  assert.equal(ys.length, outputs.length, 'results');
  for (const [i, y] of ys.entries()) compare(y, outputs[i], `result ${i}`);
  if (grads === undefined) return;
  const through = ys.filter((y) => y.requiresGrad);
  const wanted = xs.filter((x) => x.requiresGrad);
  const options = { gradOutputs: through.map(cotangent), allowUnused: true } as const;
  const found = through.length === 0 ? [] : grad(through, wanted, options);
  for (const [i, expected] of grads.entries())
    if (expected !== null) compare(found[wanted.indexOf(xs[i])] ?? null, expected, `gradient ${i}`);
}
