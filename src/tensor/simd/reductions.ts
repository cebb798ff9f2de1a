/** Reductions of rows and of columns: sums, norms, extremes, spreads. Sums are float64. */
import { blockSizes, blocksOf } from '../cpu/reduce.ts';
import type { Norm, Spread } from '../cpu/statistics.ts';
import type { Tensor } from '../tensor.ts';
import { brIf, call, during, type Expr, type Func, ifElse, loop, set, value } from './assembler.ts';
import { columns, columnsScratch, sums } from './columns.ts';
import { constant, defineFamily, type Family } from './family.ts';
import type { Two } from './forms.ts';
import { f32x4, f64x2, i32x4, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { away, spreadOf } from './norms.ts';
import { isFloat32, overlay } from './overlay.ts';
import { advance } from './pieces.ts';
import { foldRow, keepingNaN, mapRow, overRows } from './rowFunctions.ts';
import { wideSums } from './rowSums.ts';
import { f32, f64, i32 } from './scalar.ts';

const each = { x: 'n', y: 1 } as const;

/** `name(x, y, rows, n)`: one number for each row. */
const reduction = (name: string, f: Func, type: 'f32' | 'f64', of: (x: Expr<'f64'>) => Expr<'f64'> = (x) => x): Func =>
  overRows(name, each, {}, ({ x, y, n }) =>
    f32.store(y, type === 'f32' ? value('f32', f, x, n) : f32.demote(of(value('f64', f, x, n)))),
  );

/** `name(x, y, rows, n)`: where the number that `best` finds comes first; the first NaN if it is that. */
const search = (name: string, best: Func): Func =>
  overRows(name, each, {}, ({ x, y, n }, locals) => {
    const [found] = locals.v128;
    const [at, hits, index] = locals.i32;
    const here = v128.load(at);
    const equal = v128.bitselect(f32x4.eq(here, found), f32x4.ne(here, here), f32x4.eq(found, found));
    return [
      set(found, f32x4.splat(value('f32', best, x, n))),
      set(at, i32.sub(x, 16)),
      loop((again) => [advance(at, 16), set(hits, i32x4.bitmask(equal)), brIf(again, i32.eqz(hits))]),
      set(index, i32.shrU(i32.sub(at, x), 2)),
      during(i32.eqz(i32.and(hits, 1)), [advance(index, 1), set(hits, i32.shrU(hits, 1))]),
      i32.store(y, index),
    ];
  });

/**
 * Functions of the addresses of operand and result, and how much there is of each: see `overRows` and `columns`. Sums are within 1e-7
 * of the sum of sizes, norms and variances within 1.2e-7 of themselves, `centre` within 2e-7 (or 1e-9);
 * extremes and their places are exact.
 */
export const reductions: Family = defineFamily((target) => {
  const spread = spreadOf(target);
  const [max, min] = [keepingNaN(f32x4.pmax), keepingNaN(f32x4.pmin)];
  const sum = wideSums('sumOf', target, { rows: 1, count: 1, terms: (_, x) => [x] });
  const sizes = wideSums('sizes', target, { rows: 1, count: 1, terms: (_, x) => [f64x2.abs(x)] });
  const squares = wideSums('squares', target, { rows: 1, count: 1, terms: (_, x) => [f64x2.mul(x, x)] });
  const largest = foldRow('largest', target, max, -Infinity);
  const smallest = foldRow('smallest', target, min, Infinity);
  const map = mapRow('map', target, 1, ['f32', 'f32'], (_, x, high, low) => away(x, high, low));
  const extreme = (name: string, combine: Two, from: number): readonly Func[] =>
    columns(
      `${name}Columns`,
      { target, matrices: 1, lanes: 'f32', results: 1, terms: (x) => [x], combine, from: constant(from) },
      `${name}Blocks`,
    );
  return [
    reduction('sum', sum, 'f64'),
    reduction('norm1', sizes, 'f64'),
    reduction('norm2', squares, 'f64', f64.sqrt),
    reduction(
      'normInfinity',
      foldRow('size', target, (most, x) => max(most, f32x4.abs(x)), 0),
      'f32',
    ),
    reduction('max', largest, 'f32'),
    reduction('min', smallest, 'f32'),
    search('argmax', largest),
    search('argmin', smallest),
    overRows('variance', each, { divisor: 'f64', root: 'i32' }, ({ x, y, n, divisor, root }, locals) => {
      const [both] = locals.v128;
      const [v] = locals.f64;
      const [total, square] = [f64x2.extractLane(both, 0), f64x2.extractLane(both, 1)];
      const squared = f64.sub(square, f64.div(f64.mul(total, total), f64.convertI32(n)));
      return [
        set(both, value('v128', spread, x, n, f64.promote(f32.load(x)))),
        set(v, f64.div(f64.max(squared, f64.const(0)), divisor)),
        ifElse(root, set(v, f64.sqrt(v))),
        f32.store(y, f32.demote(v)),
      ];
    }),
    overRows('centre', { x: 'n', y: 'n' }, {}, ({ x, y, n }, locals) => {
      const [both] = locals.v128;
      const [mean] = locals.f64;
      const [high, low] = locals.f32;
      const first = f64.promote(f32.load(x));
      return [
        set(both, value('v128', spread, x, n, first)),
        set(mean, f64.add(first, f64.div(f64x2.extractLane(both, 0), f64.convertI32(n)))),
        set(high, f32.demote(mean)),
        // An infinite mean has no second part.
        set(low, f32.const(0)),
        ifElse(f64.lt(f64.abs(mean), f64.const(Infinity)), set(low, f32.demote(f64.sub(mean, f64.promote(high))))),
        call(map, x, y, n, high, low),
      ];
    }),
    ...columns('sumColumns', sums({ target, matrices: 1, results: 1, terms: (x) => [x] }), 'sumBlocks'),
    ...extreme('max', max, -Infinity),
    ...extreme('min', min, Infinity),
  ];
});

/** What a reduction is given: axes, or attributes with axes. */
type Attrs = readonly number[] | { readonly axes: readonly number[] };

const axesOf = (attrs: Attrs): readonly number[] => ('axes' in attrs ? attrs.axes : attrs);

/** One of the functions, and its parameters after the number of elements. */
type Choice = readonly [name: string, ...params: readonly number[]];

/** Lay a reduction of what has no axes behind it. */
function layRowReduction<A extends Attrs>(name: string, choose: (attrs: A, middle: number) => Choice): void {
  overlay<readonly [Tensor], A, readonly [Tensor]>(name, {
    accepts(inputs, attrs) {
      if (!isFloat32(inputs)) return false;
      const { middle, inner } = blockSizes(inputs[0], axesOf(attrs));
      return inner === 1 && middle >= shortest;
    },
    run: ([y], [x], attrs) => runRows(y, x, axesOf(attrs), (middle) => choose(attrs, middle)),
  });
}

/** Elements below which there is nothing to reduce. */
const shortest = 2;

function runRows(y: Tensor, x: Tensor, axes: readonly number[], choose: (middle: number) => Choice): boolean {
  const { tensor, outer, middle } = blocksOf(x, axes);
  const [name, ...params] = choose(middle);
  const shares = [
    { tensor, step: middle },
    { tensor: y, step: 1, write: true },
  ];
  return launch(reductions(name), shares, { count: outer, cost: 0.3 * middle }, [middle, ...params]);
}

/** Lay a reduction of rows or columns. */
function layReduction(name: string, lanes: 'f32' | 'f64'): void {
  overlay<readonly [Tensor], readonly number[], readonly [Tensor]>(name, {
    accepts(inputs, axes) {
      if (!isFloat32(inputs)) return false;
      return blockSizes(inputs[0], axes).middle >= shortest;
    },
    run([y], [x], axes) {
      const { outer, middle, inner } = blockSizes(x, axes);
      if (inner === 1) return runRows(y, x, axes, () => [name]);
      const scratch = columnsScratch(inner, { lanes, results: 1 });
      const one = outer === 1;
      const shares = [
        { tensor: x, step: one ? 1 : middle * inner, whole: one },
        { tensor: y, step: one ? 1 : inner, write: true },
      ];
      return one
        ? launch(reductions(`${name}Columns`), shares, { count: inner, grain: 16, cost: 0.3 * middle, scratch }, [
            middle,
            4 * inner,
          ])
        : launch(reductions(`${name}Blocks`), shares, { count: outer, cost: 0.3 * middle * inner, scratch }, [
            inner,
            middle,
          ]);
    },
  });
}

function layArg(name: string): void {
  overlay<readonly [Tensor], undefined, readonly [Tensor]>(name, {
    accepts: (inputs) => isFloat32(inputs) && inputs[0].shape[inputs[0].rank - 1] >= shortest,
    run: ([y], [x]) => runRows(y, x, [x.rank - 1], () => [name]),
  });
}

function layCentre(): void {
  overlay<readonly [Tensor], number, readonly [Tensor]>('centre', {
    accepts: (inputs, axis) => isFloat32(inputs) && blockSizes(inputs[0], [axis]).inner === 1,
    run([y], [x], axis) {
      const { outer, middle } = blockSizes(x, [axis]);
      const shares = [
        { tensor: x, step: middle },
        { tensor: y, step: middle, write: true },
      ];
      return launch(reductions('centre'), shares, { count: outer, cost: 0.6 * middle }, [middle]);
    },
  });
}

/** Lay the reductions over their definitions. */
export function layReductions(): void {
  layReduction('sum', 'f64');
  layReduction('max', 'f32');
  layReduction('min', 'f32');
  layRowReduction('norm', ({ p }: Norm) => [`norm${p}`]);
  layRowReduction('variance', ({ correction, root }: Spread, middle) => [
    'variance',
    Math.max(0, middle - correction),
    Number(root),
  ]);
  layArg('argmax');
  layArg('argmin');
  layCentre();
}
