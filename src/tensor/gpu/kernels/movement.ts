import { type Band, type Placement, type Window, windowStrides } from '../../cpu/layout.ts';
import type { Shape } from '../../errors.ts';
import { sizeOf } from '../../shape.ts';
import { mostAxes, walkIndices, walkOf } from '../broadcast.ts';
import type { GpuArray } from '../held.ts';
import { type Move, moved, moveOf, permutation, tooFar } from '../moves.ts';
import { type GpuKernel, type GpuTable, gpuKernel, type Launcher } from '../overlay.ts';
import { divided, type KernelText, kernelText } from '../text.ts';

/** What reads its operand in another order. */
const move = <A>(of: (shape: Shape, attrs: A) => Move): GpuKernel =>
  gpuKernel<A>({
    refuses: ([x], attrs) => tooFar(of(x.shape, attrs)),
    run: (on, [x], attrs) => [moved(on, x.array, of(x.shape, attrs))],
  });

/** An axis of a result into which an operand is placed: it has `count` of the `size` places, `step` apart from `start`. */
interface Slots {
  readonly size: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The axes of a placement, those that the operand fills made one with the axis before. */
function slotsOf(inner: Shape, { start, step, shape }: Placement): readonly Slots[] {
  const slots: Slots[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const own = { size: shape[axis], start: start[axis], step: step?.[axis] ?? 1, count: inner[axis] };
    const after = slots[0];
    const filled = after !== undefined && after.count === after.size && after.step === 1 && own.step === 1;
    if (filled) slots.shift();
    const n = filled ? after.size : 1;
    slots.unshift({ size: own.size * n, start: own.start * n, step: own.step, count: own.count * n });
  }
  return slots;
}

const axes = [0, 1, 2, 3];

/** Lines that say in `p<axis>` which of an operand's elements stands here, and make `inside` 0 where none does. */
const slot = (axis: number): string => `
  let d${axis} = (i${axis} - start${axis}) * way${axis};
  if (d${axis} < 0) { d${axis} = 0; inside = 0; }
  ${divided(`p${axis}`, `r${axis}`, `d${axis}`, `gap${axis}`)}
  if (r${axis} > 0 || p${axis} >= count${axis}) { inside = 0; }`;

const placeText = kernelText(
  'place',
  `function (${['x', 'value', 'n1', 'n2', 'n3', ...axes.flatMap((i) => [`start${i}`, `way${i}`, `gap${i}`, `count${i}`])].join(', ')}) {
    ${walkIndices}
    let inside = 1;
    ${axes.map(slot).join('')}
    let y = value;
    if (inside === 1) { y = x[((p0 * count1 + p1) * count2 + p2) * count3 + p3]; }
    return y;
  }`,
);

/** Joins of n operands. */
const joinText = (n: number): KernelText => {
  const each = Array.from({ length: n }, (_, i) => i);
  const part = (i: number): string => `
    if (column >= end${i - 1} && column < end${i}) { y = x${i}[row * part${i} + (column - end${i - 1})]; }`;
  return kernelText(
    `concat.${n}`,
    `function (${[...each.map((i) => `x${i}`), ...each.map((i) => `part${i}`), 'width'].join(', ')}) {
      ${divided('row', 'column', 'this.thread.x', 'width')}
      let y = x0[row * part0];
      const end0 = part0;
      if (column < end0) { y = x0[row * part0 + column]; }
      ${each
        .slice(1)
        .map((i) => `const end${i} = end${i - 1} + part${i}; ${part(i)}`)
        .join('')}
      return y;
    }`,
  );
};

/** A kernel cannot bind more arrays. */
const mostJoined = 7;
const joins: readonly KernelText[] = Array.from({ length: mostJoined - 1 }, (_, i) => joinText(i + 2));

/** An operand of a join: rows of `part` elements. */
interface Part {
  readonly array: GpuArray;
  readonly part: number;
}

/** Rows side by side; of many operands first those of groups. */
function joined(on: Launcher, rows: number, parts: readonly Part[]): Part {
  if (parts.length === 1) return parts[0];
  if (parts.length > mostJoined) {
    const groups: Part[] = [];
    for (let i = 0; i < parts.length; i += mostJoined) groups.push(joined(on, rows, parts.slice(i, i + mostJoined)));
    return joined(on, rows, groups);
  }
  const part = parts.reduce((sum, x) => sum + x.part, 0);
  const args = [...parts.map((x) => x.array), ...parts.map((x) => x.part), part];
  return { array: on.launch(joins[parts.length - 2], rows * part, args), part };
}

const bandText = kernelText(
  'band',
  `function (x, m, n, low, high) {
    const at = this.thread.x;
    ${divided('line', 'j', 'at', 'n')}
    ${divided('matrix', 'i', 'line', 'm')}
    let y = 0;
    if (j - i >= low && j - i <= high) { y = x[at]; }
    return y;
  }`,
);

/** What moves elements, of any dtype, and changes none. */
export const movements: GpuTable = {
  permute: move(permutation),
  expand: move((from, to: Shape) => {
    const { sizes, strides } = walkOf([from], to);
    return { sizes, strides, first: 0 };
  }),
  window: move((from, window: Window) => {
    const [first, strides] = windowStrides(window, from);
    return moveOf(window.shape, strides, first);
  }),
  place: gpuKernel<Placement>({
    refuses([x], placement) {
      const { length } = slotsOf(x.shape, placement);
      return length > mostAxes ? `places along ${length} axes, and kernels along ${mostAxes}` : null;
    },
    run(on, [x], placement) {
      const { shape, value = 0 } = placement;
      if (x.size === 0) return [on.full(sizeOf(shape), value)];
      const slots = slotsOf(x.shape, placement);
      const lead = new Array<Slots>(mostAxes - slots.length).fill({ size: 1, start: 0, step: 1, count: 1 });
      const all = [...lead, ...slots];
      const sizes = all.slice(1).map(({ size }) => size);
      const where = all.flatMap(({ start, step, count }) => [start, Math.sign(step), Math.abs(step), count]);
      return [on.launch(placeText, sizeOf(shape), [x.array, value, ...sizes, ...where])];
    },
  }),
  concat: gpuKernel<number>({
    run(on, inputs, axis, [{ shape }]) {
      const parts = inputs
        .filter(({ size }) => size > 0)
        .map((x): Part => ({ array: x.array, part: sizeOf(x.shape.slice(axis)) }));
      if (parts.length === 0) return [inputs[0].array];
      return [joined(on, sizeOf(shape.slice(0, axis)), parts).array];
    },
  }),
  band: gpuKernel<Band>({
    run(on, [x], { low, high }) {
      const [m, n] = x.shape.slice(-2);
      return [on.launch(bandText, x.size, [x.array, m, n, low, high])];
    },
  }),
};
