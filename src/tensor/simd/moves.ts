/**
 * Kernels that only move elements of four bytes: axes in another order, repeated, cut out, put in, joined. All are one thing, a
 * walk over axes along each of which y and x advance by steps of their own; they differ in how the innermost part is done.
 */
import { type Placement, type Window, windowStrides } from '../cpu/layout.ts';
import { broadcastStrides } from '../cpu/pointwise.ts';
import type { Shape } from '../errors.ts';
import { sizeOf, stridesOf } from '../shape.ts';
import { Storage } from '../storage.ts';
import { Tensor } from '../tensor.ts';
import { layGather } from './gather.ts';
import { launch } from './launch.ts';
import { reserve, rewind, roomMark } from './memory.ts';
import { overlay } from './overlay.ts';
import { layScatter } from './scatter.ts';
import { isOutside, longRun, mostAxes, movable, walks } from './walks.ts';

/** How many elements an axis has, and how far apart they lie in y and in x. */
interface Axis {
  readonly n: number;
  readonly to: number;
  readonly from: number;
}

/** The same walk over fewer axes: those of one element left out, and those made one that follow each other in both. */
function merged(shape: Shape, to: readonly number[], from: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const axis = { n: shape[i], to: to[i], from: from[i] };
    const outer = axes.at(-1);
    if (outer !== undefined && outer.to === axis.to * axis.n && outer.from === axis.from * axis.n)
      axes[axes.length - 1] = { ...axis, n: outer.n * axis.n };
    else axes.push(axis);
  }
  return axes;
}

/** Take an axis out of the list. */
const taken = (axes: Axis[], axis: Axis): Axis => axes.splice(axes.indexOf(axis), 1)[0];

/** What the innermost part is, with its arguments; its axes leave the list. */
function innermost(axes: Axis[]): readonly [name: string, args: readonly number[]] {
  const last = axes.at(-1) ?? { n: 1, to: 1, from: 1 };
  if (last.to === 1 && (last.from === 1 || last.from === 0)) {
    axes.pop();
    return [last.from === 1 ? 'run' : 'fill', [last.n]];
  }
  const along = axes.find((axis) => axis.from === 1);
  if (along !== undefined && along !== last && last.to === 1 && along.n >= 4 && last.n >= 4) {
    taken(axes, along);
    axes.pop();
    return ['turn', [along.n, 4 * along.to, last.n, 4 * last.from]];
  }
  const longest = taken(
    axes,
    axes.reduce((a, b) => (b.n > a.n ? b : a)),
  );
  return ['strided', [longest.n, 4 * longest.to, 4 * longest.from]];
}

/** Where the elements of a walk lie: the first, and how far apart they are along each axis. */
type Lie = readonly [first: number, strides: readonly number[]];

/** Copy elements, as many as `shape` says along each axis, from where they lie in x to where they shall lie in y. */
function move(y: Tensor, x: Tensor, shape: Shape, [start, to]: Lie, [first, from]: Lie): boolean {
  if (sizeOf(shape) === 0) return true;
  const axes = merged(shape, to, from);
  const [name, args] = innermost(axes);
  const [outer = { n: 1, to: 0, from: 0 }, ...rest] = axes;
  return launch(
    walks(`${name}${rest.length + 1}`),
    [
      { tensor: y, step: 0, write: true },
      { tensor: x, step: 0 },
    ],
    { count: outer.n, cost: 0 },
    [
      ...[4 * start, 4 * first, 4 * outer.to, 4 * outer.from],
      ...rest.flatMap((axis) => [axis.n, 4 * axis.to, 4 * axis.from]),
      ...args,
    ],
  );
}

/** Fill y, which lies in the memory. A value of −0 is 0. */
function blank(y: Tensor, value: number): void {
  const bits = y.dtype === 'int32' || value === 0 ? value : new Int32Array(Float32Array.of(value).buffer)[0];
  launch(walks('blank'), [{ tensor: y, step: 0, write: true }], { count: 1, cost: 0 }, [y.size, bits]);
}

/** Let `fn` write y where kernels reach it, in parts if it likes. */
function inRoom(y: Tensor, fn: (y: Tensor) => boolean): boolean {
  if (y.storage.address !== 0) return fn(y);
  const mark = roomMark();
  try {
    const place = reserve(y.dtype, y.size, false);
    if (place === null || !fn(new Tensor(new Storage(place.data, place.address), y.shape, y.dtype))) return false;
    y.data.set(place.data);
    return true;
  } finally {
    rewind(mark);
  }
}

/** Elements of one run, from the last axis on, that lie side by side in both. */
function runOf(shape: Shape, to: readonly number[], from: readonly number[]): number {
  let n = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    if (to[i] !== n || from[i] !== n) break;
    n *= shape[i];
  }
  return n;
}

/** Whether `move` is to make a y of `size` elements, and not the engine, which is better at long runs that would be copied in and out. */
const suits = (x: Tensor, size: number, shape: Shape, to: readonly number[], from: readonly number[]): boolean =>
  shape.length <= mostAxes && movable(x, size) && !(isOutside(x) && runOf(shape, to, from) >= longRun);

const permuted = (x: Tensor, axes: readonly number[]): readonly number[] => {
  const strides = stridesOf(x.shape);
  return axes.map((axis) => strides[axis]);
};

type One = readonly [Tensor];

/** Lay these kernels over their definitions, whose bits they give. */
export function layMoves(): void {
  layGather();
  layScatter();
  overlay<One, readonly number[], One>('permute', {
    accepts([x], axes) {
      const shape = axes.map((axis) => x.shape[axis]);
      return suits(x, x.size, shape, stridesOf(shape), permuted(x, axes));
    },
    run: ([y], [x], axes) => move(y, x, y.shape, [0, stridesOf(y.shape)], [0, permuted(x, axes)]),
  });
  overlay<One, Shape, One>('expand', {
    accepts: ([x], shape) => suits(x, sizeOf(shape), shape, stridesOf(shape), broadcastStrides(x.shape, shape)),
    run: ([y], [x], shape) => move(y, x, shape, [0, stridesOf(shape)], [0, broadcastStrides(x.shape, shape)]),
  });
  overlay<One, Window, One>('window', {
    accepts([x], window) {
      const { shape } = window;
      return suits(x, sizeOf(shape), shape, stridesOf(shape), windowStrides(window, x.shape)[1]);
    },
    run: ([y], [x], window) => move(y, x, y.shape, [0, stridesOf(y.shape)], windowStrides(window, x.shape)),
  });
  overlay<One, Placement, One>('place', {
    accepts([x], placement) {
      const { shape } = placement;
      return suits(x, sizeOf(shape), x.shape, windowStrides(placement, shape)[1], stridesOf(x.shape));
    },
    run: ([y], [x], placement) =>
      inRoom(y, (to) => {
        blank(to, placement.value ?? 0);
        return move(to, x, x.shape, windowStrides(placement, y.shape), [0, stridesOf(x.shape)]);
      }),
  });
  overlay<readonly Tensor[], number, One>('concat', {
    accepts(xs, axis) {
      const size = xs.reduce((sum, x) => sum + x.size, 0);
      const isLong = (x: Tensor): boolean => isOutside(x) && sizeOf(x.shape.slice(axis)) >= longRun;
      return movable(xs[0], size) && !xs.some(isLong);
    },
    run([y], xs, axis) {
      const outer = sizeOf(y.shape.slice(0, axis));
      const row = sizeOf(y.shape.slice(axis));
      return inRoom(y, (to) => {
        let at = 0;
        return xs.every((x) => {
          const part = sizeOf(x.shape.slice(axis));
          const done = move(to, x, [outer, part], [at, [row, 1]], [0, [part, 1]]);
          at += part;
          return done;
        });
      });
    },
  });
}
