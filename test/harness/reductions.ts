/** Calls of reductions: a tensor of any shape, and axes to reduce. */
import fc from 'fast-check';
import type { ReduceAttrs, Shape, Tensor } from '../../src/index.ts';
import { anyTensors, type ShapeBounds, type Values } from './arbitraries.ts';
import { at, indices } from './naive.ts';

/** Axes to reduce: all, one (counted from either end), or several. */
const axesOf = ({ length }: Shape): fc.Arbitrary<ReduceAttrs> => {
  const several = fc.subarray(Array.from({ length }, (_, i) => i));
  const one = fc.integer({ min: -length, max: Math.max(-length, length - 1) });
  const axis = length === 0 ? fc.constant(undefined) : fc.oneof(fc.constant(undefined), one, several);
  return fc
    .record({ axis, keepDims: fc.boolean() })
    .map(({ axis: a, keepDims }) => (a === undefined ? { keepDims } : { axis: a, keepDims }));
};

/** One call of a reduction. */
export interface ReduceCase<A = ReduceAttrs> {
  readonly inputs: readonly [Tensor];
  readonly attrs: A;
}

/** Calls of a reduction, empty ones too unless `minSize` says otherwise; `more` draws its further options. */
export const reductions = <A = unknown>(
  options: ShapeBounds & { readonly dtype?: Tensor['dtype']; readonly values?: Values } = {},
  more: fc.Arbitrary<A> = fc.constant({} as A),
): fc.Arbitrary<ReduceCase<ReduceAttrs & A>> =>
  anyTensors(options).chain((x) =>
    fc.tuple(axesOf(x.shape), more).map(([axes, rest]) => ({ inputs: [x] as const, attrs: { ...axes, ...rest } })),
  );

/** The elements that go into each element of a reduction's result, in the order of the results. */
export function groupsOf(x: Tensor, { axis }: ReduceAttrs): readonly (readonly number[])[] {
  const axes = [axis ?? x.shape.map((_, i) => i)].flat().map((a) => (a < 0 ? a + x.rank : a));
  const groups = new Map<string, number[]>();
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  for (const index of indices(kept)) groups.set(index.join(), []);
  for (const index of x.size === 0 ? [] : indices(x.shape)) {
    const key = index.map((i, a) => (axes.includes(a) ? 0 : i)).join();
    groups.get(key)?.push(at(x, index));
  }
  return [...groups.values()];
}
