import type { Shape } from '../../errors.ts';
import { broadcastShapes, sameShape, sizeOf } from '../../shape.ts';
import { tooManyAxes, walkArgs, walkIndices, walkOf, walkPlace, walkValues } from '../broadcast.ts';
import { type GpuKernel, gpuKernel } from '../overlay.ts';
import { kernelText } from '../text.ts';

/** What one thread computes of the numbers `x`, `y`, `z` that stand at its place in the operands. */
export interface Expression {
  readonly value: string;
  /** Statements before it. */
  readonly first?: string;
}

/** An expression, or one that needs nothing but its value. */
export type Row = string | Expression;

/** What a pointwise kernel takes besides operands. */
export interface PointwiseOptions<A> {
  /** Operands. Default 1. */
  readonly operands?: 1 | 2 | 3;
  /** Whether int32 operands are the device's too: what compares and chooses. Arithmetic of theirs wraps at 2³², which float32 cannot. */
  readonly whole?: boolean;
  /** Numbers out of the attributes, under the names that the expression has for them. */
  readonly numbers?: { readonly names: readonly string[]; of(attrs: A): readonly number[] };
}

const arrays = ['a', 'b', 'c'];
const values = ['x', 'y', 'z'];

/** The two texts of a row: for operands of one shape, and for such as have to be walked through. */
function textsOf(name: string, row: Row, operands: number, numbers: readonly string[]) {
  const { value, first = '' } = typeof row === 'string' ? { value: row } : row;
  const own = arrays.slice(0, operands);
  const text = (args: readonly string[], before: string, place: (array: string) => string): string =>
    `function (${[...own, ...args, ...numbers].join(', ')}) {
      ${before}
      ${own.map((array, i) => `const ${values[i]} = ${array}[${place(array)}];`).join('\n      ')}
      ${first}
      return ${value};
    }`;
  return {
    flat: kernelText(
      name,
      text([], '', () => 'this.thread.x'),
    ),
    spread: kernelText(`${name}.walk`, text(walkArgs(own), walkIndices, walkPlace)),
  };
}

/**
 * A kernel that computes every element from those at the same place of its operands, which broadcast: one text for operands of one
 * shape, one that walks.
 */
export function pointwise<A = undefined>(name: string, row: Row, options: PointwiseOptions<A> = {}): GpuKernel {
  const { operands = 1, whole = false, numbers } = options;
  const { flat, spread } = textsOf(name, row, operands, numbers?.names ?? []);
  const shapesOf = (inputs: readonly { readonly shape: Shape }[]): readonly Shape[] => inputs.map((x) => x.shape);
  return gpuKernel<A>({
    refuses(inputs): string | null {
      if (!whole && inputs[0].dtype === 'int32') return 'computes with float32 numbers only';
      const shapes = shapesOf(inputs);
      return tooManyAxes(
        walkOf(
          shapes,
          shapes.reduce((a, b) => broadcastShapes(name, a, b)),
        ),
      );
    },
    run(on, inputs, attrs, [{ shape }]) {
      const given = inputs.map((x) => x.array);
      const numeric = numbers?.of(attrs) ?? [];
      const size = sizeOf(shape);
      if (inputs.every((x) => sameShape(x.shape, shape))) return [on.launch(flat, size, [...given, ...numeric])];
      const walk = walkValues(walkOf(shapesOf(inputs), shape));
      return [on.launch(spread, size, [...given, ...walk, ...numeric])];
    },
  });
}
