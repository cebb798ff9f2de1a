/** Softmax and what is made of it, row by row. */
import { call, type Expr, type Func, func, ifElse, result, select, set, value } from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import { expOfNegative } from './formulas.ts';
import { f32x4, f64x2, i32x4, i64x2, v128 } from './lanes.ts';
import { foldRow, keepingNaN, mapRow, overRows } from './rowFunctions.ts';
import { narrowSums, type RowSums, wideSums } from './rowSums.ts';
import { f32, f64, i32, zeroFill } from './scalar.ts';

const { sub, mul } = f32x4;

/** ln x in float64, within 3e-9 of itself, for normal x; NaN at NaN and ∞. With x = m·2ᵏ it is k·ln 2 + 2·atanh((m − 1)/(m + 1)). */
const logarithm = (): Func =>
  func(
    'logarithm',
    { x: 'f64' },
    ({ x }, locals) => {
      const [bits] = locals.v128;
      const [k, m, z, p] = locals.f64;
      const terms = [9, 7, 5, 3, 1].map((odd) => f64.const(2 / odd));
      const square = f64.mul(z, z);
      return [
        set(bits, f64x2.splat(x)),
        set(k, f64.convertI32(i32.sub(i32x4.extractLane(i64x2.shrU(bits, 52), 0), 1023))),
        set(bits, v128.bitselect(bits, f64x2.const(1, 1), i32x4.const(-1, 0xfffff, -1, 0xfffff))),
        set(m, f64x2.extractLane(bits, 0)),
        ifElse(f64.gt(m, f64.const(Math.SQRT2)), [
          set(m, f64.mul(m, f64.const(0.5))),
          set(k, f64.add(k, f64.const(1))),
        ]),
        set(z, f64.div(f64.sub(m, f64.const(1)), f64.add(m, f64.const(1)))),
        set(p, terms[0]),
        terms.slice(1).map((c) => set(p, f64.add(f64.mul(p, square), c))),
        set(p, f64.add(f64.mul(k, f64.const(Math.LN2)), f64.mul(p, z))),
        result(f64.add(p, f64.sub(x, x))),
      ];
    },
    'f64',
  );

const reciprocal = (x: Expr<'f64'>): Expr<'f32'> => f32.demote(f64.div(f64.const(1), x));
const at = (row: Expr<'i32'>, index: Expr<'i32'>): Expr<'i32'> => i32.add(row, i32.shl(index, 2));

/** What the kernels of the cross-entropy call. */
interface Parts {
  readonly largest: Func;
  readonly sumExp: Func;
  readonly sum: Func;
  readonly log: Func;
}

/** Attributes of a class loss. */
const options = { ignored: 'i32', smoothing: 'f64' } as const;

const crossEntropy = ({ largest, sumExp, sum, log }: Parts): Func =>
  overRows('crossEntropy', { x: 'n', target: 1, loss: 1, stats: 2 }, options, (p, locals) => {
    const { x, target, loss, stats, n, ignored, smoothing } = p;
    const [max] = locals.f32;
    const [total, whole, l] = locals.f64;
    const chosen = f64.promote(f32.load(at(x, i32.load(target))));
    const mean = f64.div(value('f64', sum, x, n), f64.convertI32(n));
    return [
      set(max, value('f32', largest, x, n)),
      set(total, value('f64', sumExp, x, n, max)),
      f32.store(stats, select(f64.eq(total, total), max, f32.const(Number.NaN))),
      f32.store(stats, reciprocal(total), 4),
      set(l, f64.const(0)),
      ifElse(i32.ne(i32.load(target), ignored), [
        set(whole, f64.add(f64.promote(max), value('f64', log, total))),
        set(l, f64.mul(f64.sub(f64.const(1), smoothing), f64.sub(whole, chosen))),
        ifElse(f64.ne(smoothing, f64.const(0)), set(l, f64.add(l, f64.mul(smoothing, f64.sub(whole, mean))))),
      ]),
      f32.store(loss, f32.demote(l)),
    ];
  });

const crossEntropyGrad = (away: Func): Func =>
  overRows('crossEntropyGrad', { g: 1, x: 'n', target: 1, stats: 2, dx: 'n' }, options, (p, locals) => {
    const { g, x, target, stats, dx, n, ignored, smoothing } = p;
    const [to] = locals.i32;
    const spread = f32.demote(f64.div(smoothing, f64.convertI32(n)));
    const own = f32.mul(f32.load(g), f32.demote(f64.sub(f64.const(1), smoothing)));
    return ifElse(i32.eq(i32.load(target), ignored), zeroFill(dx, i32.shl(n, 2)), [
      call(away, x, dx, n, f32.load(stats), f32.load(stats, 4), spread, f32.load(g)),
      set(to, at(dx, i32.load(target))),
      f32.store(to, f32.sub(f32.load(to), own)),
    ]);
  });

/**
 * Functions of the addresses of operands and results, the number of rows, and the elements of a row. Relative to themselves, values of
 * softmax are within 3e-7 + 6e-8·(largest − x), those of logSoftmax and losses within 1e-6 (or 1e-11); gradients are within 1e-6 of the
 * largest term.
 */
export const softmaxes: Family = defineFamily((target) => {
  const largest = foldRow('largest', target, f32x4.pmax, -Infinity);
  const top = foldRow('top', target, keepingNaN(f32x4.pmax), -Infinity);
  // Terms of their own in float64: what is small beside 1 is not lost.
  const exponentials: RowSums = {
    rows: 1,
    scalars: ['f32'],
    count: 1,
    terms: (r, x, max) => [expOfNegative(r, sub(x, max))],
  };
  const storeExp = narrowSums('storeExp', target, exponentials, { stores: true });
  const sumExp = narrowSums('sumExp', target, exponentials, { each: true });
  const scale = mapRow('scale', target, 1, ['f32'], (_, y, by) => mul(y, by));
  const shift = mapRow('shift', target, 1, ['f32', 'f32'], (_, x, max, log) => sub(sub(x, max), log));
  const dot = narrowSums('dot', target, { rows: 2, count: 1, terms: (_, a, b) => [mul(a, b)] });
  const sum = wideSums('sum', target, { rows: 1, count: 1, terms: (_, x) => [x] });
  const tangent = mapRow('tangent', target, 2, ['f32'], (_, dy, y, along) => mul(y, sub(dy, along)));
  const logTangent = mapRow(
    'logTangent',
    target,
    2,
    ['f32'],
    (r, dy, y, total) => sub(dy, mul(expOfNegative(r, y), total)),
    true,
  );
  const away = mapRow(
    'away',
    target,
    1,
    ['f32', 'f32', 'f32', 'f32'],
    (r, x, max, inverse, spread, g) => mul(g, sub(mul(expOfNegative(r, sub(x, max)), inverse), spread)),
    true,
  );
  const log = logarithm();
  const from = { x: 'n', y: 'n' } as const;
  return [
    overRows('softmax', from, {}, ({ x, y, n }) =>
      call(scale, y, y, n, reciprocal(value('f64', storeExp, x, y, n, value('f32', largest, x, n)))),
    ),
    overRows('logSoftmax', from, {}, ({ x, y, n }, locals) => {
      const [max] = locals.f32;
      const logs = value('f64', log, value('f64', sumExp, x, n, max));
      return [set(max, value('f32', largest, x, n)), call(shift, x, y, n, max, f32.demote(logs))];
    }),
    overRows('softmaxGrad', { dy: 'n', y: 'n', dx: 'n' }, {}, ({ dy, y, dx, n }) =>
      call(tangent, dy, y, dx, n, f32.demote(value('f64', dot, dy, y, n))),
    ),
    overRows('logSoftmaxGrad', { dy: 'n', y: 'n', dx: 'n' }, {}, ({ dy, y, dx, n }) =>
      call(logTangent, dy, y, dx, n, f32.demote(value('f64', sum, dy, n))),
    ),
    overRows('logSumExp', { x: 'n', y: 1 }, {}, ({ x, y, n }, locals) => {
      const [max] = locals.f32;
      const logs = value('f64', log, value('f64', sumExp, x, n, max));
      return [
        set(max, value('f32', top, x, n)),
        f32.store(y, max),
        // ∞ and NaN stand for themselves.
        ifElse(f32.lt(f32.abs(max), f32.const(Infinity)), f32.store(y, f32.demote(f64.add(f64.promote(max), logs)))),
      ];
    }),
    crossEntropy({ largest, sumExp, sum, log }),
    crossEntropyGrad(away),
  ];
});
