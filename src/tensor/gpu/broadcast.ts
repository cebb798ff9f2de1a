import { broadcastStrides } from '../cpu/pointwise.ts';
import type { Shape } from '../errors.ts';
import { divided } from './text.ts';

/** Axes of a result, and how far each operand moves along them: 0 where it repeats. */
export interface Walk {
  readonly sizes: readonly number[];
  /** By operand. */
  readonly strides: readonly (readonly number[])[];
}

/** Axes that a kernel text counts through. */
export const mostAxes = 4;

/** How operands are walked through for a result of shape `out`, axes that no operand tells apart made one. */
export function walkOf(shapes: readonly Shape[], out: Shape): Walk {
  return merged({ sizes: out, strides: shapes.map((shape) => broadcastStrides(shape, out)) });
}

/** The same walk with as few axes as there can be. */
export function merged({ sizes, strides }: Walk): Walk {
  const kept: { size: number; strides: readonly number[] }[] = [];
  for (const [axis, size] of sizes.entries()) {
    if (size === 1) continue;
    const own = strides.map((s) => s[axis]);
    const before = kept.at(-1);
    if (before !== undefined && own.every((stride, i) => before.strides[i] === stride * size))
      kept[kept.length - 1] = { size: before.size * size, strides: own };
    else kept.push({ size, strides: own });
  }
  return { sizes: kept.map((k) => k.size), strides: strides.map((_, i) => kept.map((k) => k.strides[i])) };
}

/** Why a walk is left to the host; null when it is not. */
export const tooManyAxes = ({ sizes }: Walk): string | null =>
  sizes.length > mostAxes ? `walks through ${sizes.length} axes, and kernels through ${mostAxes}` : null;

const axes = [0, 1, 2, 3];

/** Arguments of a kernel that walks: inner sizes, then the strides of each operand. */
export const walkArgs = (operands: readonly string[]): readonly string[] => [
  ...['n1', 'n2', 'n3'],
  ...operands.flatMap((name) => axes.map((axis) => `${name}${axis}`)),
];

/** Their values. */
export function walkValues({ sizes, strides }: Walk): readonly number[] {
  const lead = mostAxes - sizes.length;
  const padded = (xs: readonly number[], fill: number): number[] => [...new Array<number>(lead).fill(fill), ...xs];
  return [...padded(sizes, 1).slice(1), ...strides.flatMap((s) => padded(s, 0))];
}

/** Lines that declare the four indices of this thread, `i0` … `i3`. */
export const walkIndices: string = `
  const thread = this.thread.x;
  ${divided('q3', 'i3', 'thread', 'n3')}
  ${divided('q2', 'i2', 'q3', 'n2')}
  ${divided('i0', 'i1', 'q2', 'n1')}`;

/** Where an operand is at those indices. */
export const walkPlace = (name: string): string => axes.map((axis) => `i${axis} * ${name}${axis}`).join(' + ');
