import type { Shape } from '../errors.ts';
import { stridesOf } from '../shape.ts';
import { merged, tooManyAxes, type Walk, walkArgs, walkIndices, walkPlace, walkValues } from './broadcast.ts';
import type { GpuArray } from './held.ts';
import type { Launcher } from './overlay.ts';
import { kernelText } from './text.ts';

const moveText = kernelText(
  'move',
  `function (${['x', 'first', ...walkArgs(['x'])].join(', ')}) {
    ${walkIndices}
    return x[first + ${walkPlace('x')}];
  }`,
);

/** Elements of one operand, `strides` apart along axes of these sizes, from number `first` on. */
export interface Move extends Walk {
  readonly first: number;
}

/** A move with as few axes as there can be. */
export const moveOf = (sizes: Shape, strides: readonly number[], first: number = 0): Move => ({
  ...merged({ sizes, strides: [strides] }),
  first,
});

/** The move that brings axis `axes[j]` to place j. */
export function permutation(shape: Shape, axes: readonly number[]): Move {
  const strides = stridesOf(shape);
  return moveOf(
    axes.map((axis) => shape[axis]),
    axes.map((axis) => strides[axis]),
  );
}

/** Why a move is left to the host; null when it is not. */
export const tooFar = (move: Move): string | null => tooManyAxes(move);

/** The elements moved; the array itself where they lie so already. */
export function moved(on: Launcher, x: GpuArray, move: Move): GpuArray {
  const { sizes, strides, first } = move;
  const size = sizes.reduce((product, n) => product * n, 1);
  const asTheyLie = first === 0 && strides[0].every((stride) => stride === 1) && sizes.length <= 1;
  return asTheyLie ? x : on.launch(moveText, size, [x, first, ...walkValues(move)]);
}
