/** Random shapes, values and tensors. Values lie on a grid, so that failures are found soon and shrink to short numbers. */
import fc from 'fast-check';
import { type DType, type Shape, type Tensor, tensor } from '../../src/index.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

/** `size` values of one operand. */
export type Values = (size: number) => fc.Arbitrary<readonly number[]>;

/** Whole numbers in ±32 over 16. */
export const onGrid: Values = (size) => list(size, (k) => k / 16);

/** Odd 32nds in ±65/32 whose size is at least `least`: never 0, where many rules have a kink or a pole. */
export const awayFromZero =
  (least: number = 1 / 32): Values =>
  (size) =>
    list(size, (k) => (2 * k + 1) / 32).map((xs) => xs.map((x) => Math.sign(x) * Math.max(Math.abs(x), least)));

/** No two equal, at least 1/16 apart: nothing is a tie. */
export const distinct: Values = (size) => {
  const all = Array.from({ length: size + 8 }, (_, i) => (i - size / 2) / 16);
  return fc.shuffledSubarray(all, { minLength: size, maxLength: size });
};

/** The grid moved into an open interval, away from its ends; the whole line when none is given. */
export function within(domain: readonly [low: number, high: number] | undefined): Values {
  if (domain === undefined) return onGrid;
  const [low, high] = domain;
  if (Number.isFinite(low) && Number.isFinite(high))
    return (size) => list(size, (k) => Math.fround(low + ((high - low) * (k + 33)) / 66));
  if (Number.isFinite(low)) return (size) => list(size, (k) => low + (k + 40) / 16);
  return Number.isFinite(high) ? (size) => list(size, (k) => high - (k + 40) / 16) : onGrid;
}

const list = (size: number, value: (k: number) => number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.integer({ min: -32, max: 32 }).map(value), { minLength: size, maxLength: size });

/** Bounds of a random shape. */
export interface ShapeBounds {
  readonly minRank?: number;
  readonly maxRank?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
}

/** A shape: ranks 0..3 and sizes 0..4 unless told otherwise, 0 seldom. */
export function shapes({ minRank = 0, maxRank = 3, minSize = 0, maxSize = 4 }: ShapeBounds = {}): fc.Arbitrary<Shape> {
  const positive = { arbitrary: fc.integer({ min: Math.max(1, minSize), max: maxSize }), weight: 9 };
  const zero = { arbitrary: fc.constant(0), weight: 1 };
  const size = minSize === 0 ? fc.oneof(positive, zero) : positive.arbitrary;
  return fc.array(size, { minLength: minRank, maxLength: maxRank });
}

/** A shape that broadcasts to `wide`: some sizes are 1, some leading axes are missing. */
export const narrowed = (wide: Shape): fc.Arbitrary<Shape> =>
  fc
    .tuple(fc.integer({ min: -wide.length, max: wide.length }), fc.tuple(...wide.map(() => fc.nat(3))))
    .map(([drop, coin]) => wide.map((n, i) => (coin[i] === 3 ? 1 : n)).slice(Math.max(0, drop)));

/** A number for seeds of random directions: it does not shrink, so a failure shrinks its operands and stays a failure. */
export const probes: fc.Arbitrary<number> = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));

/** Values that a dtype can hold, out of grid values. */
export function fitted(values: readonly number[], dtype: DType): readonly number[] {
  if (dtype === 'int32') return values.map((x) => Math.round(x * 16));
  return dtype === 'bool' ? values.map((x) => (x > 0 ? 1 : 0)) : values;
}

/** A tensor of the given shape. */
export const tensors = (
  shape: Shape,
  { dtype = 'float64', values = onGrid }: { readonly dtype?: DType; readonly values?: Values } = {},
): fc.Arbitrary<Tensor> => values(sizeOf(shape)).map((xs) => tensor([...fitted(xs, dtype)], { shape, dtype }));

/** A tensor of a random shape. */
export const anyTensors = (
  bounds: ShapeBounds & { readonly dtype?: DType; readonly values?: Values } = {},
): fc.Arbitrary<Tensor> => shapes(bounds).chain((shape) => tensors(shape, bounds));
