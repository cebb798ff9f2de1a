/** A matrix times a vector, along its rows or across them: there is nothing to pack, and each element of the matrix is read once. */
import { block, brIf, call, during, type Func, func, type Label, type Statement, select, set } from './assembler.ts';
import { defineFamily, type Entry, type Family } from './family.ts';
import type { GemmType } from './gemm.ts';
import { float32Lane, float64Lane, type Lane, range } from './gemmLane.ts';
import { v128 } from './lanes.ts';
import { advance, ints } from './pieces.ts';
import { i32, zeroFill } from './scalar.ts';

/** Rows that are summed together. */
const rowsAtOnce = 4;

/**
 * y[i] = Σ_t M[i, t]·x[t]: in eight (float64: four) partial sums, the same for every row. The rows of M are `ld` elements apart.
 */
function alongRows({ name, bytes, shift, madd, add, loadOne, storeLane, turn }: Lane): Func {
  const params = ints('m', 'x', 'y', 'rows', 'k', 'ld');
  return func(`alongRows_${name}`, params, ({ m, x, y, rows, k, ld }, locals) => {
    const lanes = 16 / bytes;
    const sums = range(rowsAtOnce).map(() => locals.list('v128', 2));
    const xs = locals.list('v128', 2);
    const lines = locals.list('i32', rowsAtOnce);
    const [at, left] = locals.i32;
    const onward = (count: number): Statement[] => [
      advance([...lines, at], count * bytes),
      set(left, i32.sub(left, count)),
    ];
    const groups = range(rowsAtOnce / lanes).map((g) => sums.slice(g * lanes, (g + 1) * lanes).map(([sum]) => sum));
    const store = (exit: Label): Statement[] =>
      range(rowsAtOnce).flatMap((i) => [
        storeLane(y, groups[Math.floor(i / lanes)][0], i % lanes, i * bytes),
        brIf(exit, i32.leS(rows, i + 1)),
      ]);
    return [
      set(ld, i32.shl(ld, shift)),
      during(i32.gtS(rows, 0), [
        // Rows that do not exist are the last one again.
        lines.map((line, i) =>
          set(line, i === 0 ? m : select(i32.gtS(rows, i), i32.add(lines[i - 1], ld), lines[i - 1])),
        ),
        sums.flat().map((sum) => set(sum, v128.zero())),
        set(at, x),
        set(left, k),
        during(i32.geS(left, 2 * lanes), [
          xs.map((v, j) => set(v, v128.load(at, 16 * j))),
          sums.map((pair, i) => pair.map((sum, j) => set(sum, madd(v128.load(lines[i], 16 * j), xs[j], sum)))),
          onward(2 * lanes),
        ]),
        during(left, [
          set(xs[0], loadOne(at)),
          sums.map(([sum], i) => set(sum, madd(loadOne(lines[i]), xs[0], sum))),
          onward(1),
        ]),
        sums.map(([sum, other]) => set(sum, add(sum, other))),
        groups.map((vs) => set(vs[0], turn(vs).reduce(add))),
        block((exit) => store(exit)),
        advance(m, i32.shl(ld, 2)),
        advance(y, rowsAtOnce * bytes),
        set(rows, i32.sub(rows, rowsAtOnce)),
      ]),
    ];
  });
}

/** y[j] += Σ_t x[t]·M[t, j] over `count` rows of M, in their order; the width is in bytes, and so is `ld`. */
function addRows({ name, bytes, madd, splat, loadOne, storeLane }: Lane, count: number): Func {
  const params = ints('m', 'x', 'y', 'width', 'ld');
  return func(`addRows${count}_${name}`, params, ({ m, x, y, width, ld }, locals) => {
    const lines = [m, ...locals.list('i32', count - 1)];
    const xs = locals.list('v128', count);
    const [sum] = locals.v128;
    const vector = (offset: number): Statement[] => [
      set(sum, v128.load(y, offset)),
      ...lines.map((line, i) => set(sum, madd(v128.load(line, offset), xs[i], sum))),
      v128.store(y, sum, offset),
    ];
    const one = [
      set(sum, loadOne(y)),
      ...lines.map((line, i) => set(sum, madd(loadOne(line), xs[i], sum))),
      storeLane(y, sum, 0),
    ];
    const stretch = (size: number, body: readonly Statement[]): Statement =>
      during(i32.geS(width, size), [body, advance([...lines, y], size), set(width, i32.sub(width, size))]);
    return [
      lines.slice(1).map((line, i) => set(line, i32.add(lines[i], ld))),
      xs.map((v, i) => set(v, splat(x, i * bytes))),
      stretch(
        64,
        range(4).flatMap((i) => vector(16 * i)),
      ),
      stretch(16, vector(0)),
      stretch(bytes, one),
    ];
  });
}

/** y[j] = Σ_t x[t]·M[t, j], summed in the order of t. The rows of M are `ld` elements apart. */
function acrossRows(lane: Lane): Func {
  const { name, bytes, shift } = lane;
  const several = addRows(lane, rowsAtOnce);
  const single = addRows(lane, 1);
  return func(`acrossRows_${name}`, ints('m', 'x', 'y', 'width', 'k', 'ld'), ({ m, x, y, width, k, ld }) => {
    const pass = (count: number, kernel: Func): Statement =>
      during(i32.geS(k, count), [
        call(kernel, m, x, y, width, ld),
        advance(m, i32.mul(ld, count)),
        advance(x, count * bytes),
        set(k, i32.sub(k, count)),
      ]);
    return [
      set(ld, i32.shl(ld, shift)),
      set(width, i32.shl(width, shift)),
      zeroFill(y, width),
      pass(rowsAtOnce, several),
      pass(1, single),
    ];
  });
}

/** The same for `count` matrices and vectors, whole ones apart in elements; 0 repeats one. Results follow each other. */
function matvecs(lane: Lane, product: Func): Func {
  const params = ints('m', 'x', 'y', 'count', 'size', 'k', 'ld', 'mStep', 'xStep');
  return func(`${product.name}s`, params, ({ m, x, y, count, size, k, ld, mStep, xStep }) =>
    during(count, [
      call(product, m, x, y, size, k, ld),
      advance(m, i32.shl(mStep, lane.shift)),
      advance(x, i32.shl(xStep, lane.shift)),
      advance(y, i32.shl(size, lane.shift)),
      advance(count, -1),
    ]),
  );
}

const functions = (lane: Lane): Func[] =>
  [alongRows(lane), acrossRows(lane)].flatMap((product) => [product, matvecs(lane, product)]);

const families: Record<GemmType, Family> = {
  float32: defineFamily(({ madd }) => functions(float32Lane(madd))),
  float64: defineFamily(({ madd64 }) => functions(float64Lane(madd64))),
};

/**
 * A product of a matrix and a vector, `along` its rows or across them (that is Mᵀ·x): `(m, x, y, size of y, k, ld)`. With `several`
 * of them `(m, x, y, count, size of y, k, ld, mStep, xStep)`.
 */
export const matvecEntry = (type: GemmType, along: boolean, several: boolean): Entry =>
  families[type](`${along ? 'alongRows' : 'acrossRows'}_${type}${several ? 's' : ''}`);
