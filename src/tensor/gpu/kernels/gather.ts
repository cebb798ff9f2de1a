import { around, eachRun, grouped } from '../../cpu/gather.ts';
import { sizeOf, stridesOf } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { merged, tooManyAxes, type Walk, walkArgs, walkIndices, walkPlace, walkValues } from '../broadcast.ts';
import type { GpuArray } from '../held.ts';
import { type GpuTable, gpuKernel, type Launcher, type Operand } from '../overlay.ts';
import { reduction } from '../reduce.ts';
import { divided, kernelText } from '../text.ts';

const indexSelectText = kernelText(
  'indexSelect',
  `function (x, index, n, picks, inner) {
    ${divided('line', 'i', 'this.thread.x', 'inner')}
    ${divided('o', 'j', 'line', 'picks')}
    return x[(o * n + index[j]) * inner + i];
  }`,
);

const gatherText = kernelText(
  'gather',
  `function (${['x', 'index', 'along', ...walkArgs(['x'])].join(', ')}) {
    ${walkIndices}
    return x[index[thread] * along + ${walkPlace('x')}];
  }`,
);

/** x plus what goes to the same place, in the order of the index: `order` from `starts[d]` on says what goes to d. */
const addText = kernelText(
  'indexAdd',
  `function (x, src, starts, order, n, picks, inner) {
    const at = this.thread.x;
    ${divided('line', 'i', 'at', 'inner')}
    ${divided('o', 'd', 'line', 'n')}
    const first = starts[d];
    const count = starts[d + 1] - first;
    let sum = x[at];
    for (let k = 0; k < count; k++) {
      sum += src[(o * picks + order[first + k]) * inner + i];
    }
    return sum;
  }`,
);

const oneHotText = kernelText(
  'oneHot',
  `function (index, classes) {
    ${divided('row', 'j', 'this.thread.x', 'classes')}
    let y = 0;
    if (index[row] === j) { y = 1; }
    return y;
  }`,
);

const counts = reduction('countTargets', {
  numbers: ['ignored'],
  start: 'let total = 0;',
  each: 'if (x[at] < ignored || x[at] > ignored) { total += 1; }',
  merge: 'total += part;',
  nothing: 0,
});

/** How x is walked through for every element of an index, its own axis left out. */
function walkAcross(x: { readonly shape: readonly number[] }, index: typeof x, axis: number): Walk {
  return merged({ sizes: index.shape, strides: [stridesOf(x.shape).with(axis, 0)] });
}

/** The sums of an addition by index: there are no atomic additions, so each place looks up what goes there. */
function added(
  on: Launcher,
  [x, src]: readonly Operand[],
  destinations: ArrayLike<number>,
  [outer, n, inner]: readonly [number, number, number],
): GpuArray {
  const { starts, order } = grouped(destinations, n);
  const plan = [on.upload(starts), on.upload(order)];
  return on.launch(addText, outer * n * inner, [x.array, src.array, ...plan, n, order.length, inner]);
}

/** Where in x every element of an index points. */
function destinationsOf(x: Operand, index: Operand, axis: number): Int32Array {
  const strides = stridesOf(x.shape);
  const rest = strides.with(axis, 0);
  const places = new Int32Array(index.size);
  const { data } = index.tensor;
  const last = index.shape.length - 1;
  eachRun(index.shape, rest, (at, base) => {
    for (let c = 0; c < index.shape[last]; c++) places[at + c] = base + c * rest[last] + data[at + c] * strides[axis];
  });
  return places;
}

function refusesAdding([x, index]: readonly Tensor[]): string | null {
  if (x.dtype === 'int32') return 'adds up float32 numbers only';
  return index.onHost ? null : 'needs to see on the host where numbers are added';
}

/** What reads and adds at places that an index names. */
export const gathers: GpuTable = {
  indexSelect: gpuKernel<number>({
    run(on, [x, index], axis) {
      const [outer, n, inner] = around(x.shape, axis);
      const size = outer * index.size * inner;
      return [on.launch(indexSelectText, size, [x.array, index.array, n, index.size, inner])];
    },
  }),
  gather: gpuKernel<number>({
    refuses: ([x, index], axis) => tooManyAxes(walkAcross(x, index, axis)),
    run(on, [x, index], axis) {
      const along = stridesOf(x.shape)[axis];
      const walk = walkValues(walkAcross(x, index, axis));
      return [on.launch(gatherText, index.size, [x.array, index.array, along, ...walk])];
    },
  }),
  indexAdd: gpuKernel<number>({
    refuses: refusesAdding,
    run: (on, [x, index, src], axis) => [added(on, [x, src], index.tensor.data, around(x.shape, axis))],
  }),
  scatterAdd: gpuKernel<number>({
    refuses: refusesAdding,
    run: (on, [x, index, src], axis) => [added(on, [x, src], destinationsOf(x, index, axis), [1, x.size, 1])],
  }),
  oneHot: gpuKernel<{ readonly classes: number }>({
    run: (on, [index], { classes }, [{ shape }]) => [on.launch(oneHotText, sizeOf(shape), [index.array, classes])],
  }),
  countTargets: gpuKernel<{ readonly ignoreIndex: number }>({
    run(on, [target], { ignoreIndex }) {
      const { tensor } = target;
      if (tensor.onHost) return [on.full(1, tensor.data.filter((t) => t !== ignoreIndex).length)];
      const blocks = { outer: 1, middle: target.size, inner: 1 };
      return [counts(on, blocks, [target.array], { ignored: ignoreIndex })];
    },
  }),
};
