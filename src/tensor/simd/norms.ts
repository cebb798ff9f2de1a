/** Rows of mean 0 and size 1, and their gradients. */
import { type Body, call, type Expr, type Func, ifElse, type Local, type Locals, set, value } from './assembler.ts';
import { type ColumnsSpec, columns, sums } from './columns.ts';
import { defineFamily, type Family, type Target } from './family.ts';
import type { V } from './forms.ts';
import type { Formula } from './formula.ts';
import { f32x4, f64x2, shuffle64, v128 } from './lanes.ts';
import { mapRow, overRows } from './rowFunctions.ts';
import { narrowSums, wideSums } from './rowSums.ts';
import { f32, f64, i32 } from './scalar.ts';
import { promoteHigh } from './sweep.ts';

const { add, sub, mul } = f32x4;
const wide = { sub: f64x2.sub, mul: f64x2.mul };

/** The sums of x − first and of its square: `name(x, n, first)`. */
export const spreadOf = (target: Target): Func =>
  wideSums('spread', target, {
    rows: 1,
    scalars: ['f64'],
    count: 2,
    terms({ hold }, x, first) {
      const d = hold(wide.sub(x, first));
      return [d, wide.mul(d, d)];
    },
  });

/** The same in float32, as far as that has room. */
const roughSpread = (target: Target): Func =>
  narrowSums('roughSpread', target, {
    rows: 1,
    scalars: ['f32'],
    count: 2,
    terms({ hold }, x, first) {
      const d = hold(sub(x, first));
      return [d, mul(d, d)];
    },
  });

/** x − mean, the mean in two parts: where x is near it, the first difference is exact. */
export const away = (x: V, high: V, low: V): V => sub(sub(x, high), low);

/** (x − mean)·scale in float64, rounded in the end: for rows whose numbers are huge or tiny. */
export const exactly: Formula = (_, x, mean, scale) => {
  const half = (v: V): V => f32x4.demoteF64x2(wide.mul(wide.sub(v, mean), scale));
  return shuffle64(half(f64x2.promoteLowF32x4(x)), half(promoteHigh(x)), [0, 2]);
};

/** The mean and the size of a row, in variables. */
interface Moments {
  readonly find: Body;
  /** What was subtracted. */
  readonly mean: Local<'f64'>;
  /** 1/√(variance + eps), or of the mean square. */
  readonly scale: Local<'f64'>;
  /** The mean in two parts, and the scale. */
  readonly rounded: readonly [high: Local<'f32'>, low: Local<'f32'>, scale: Expr<'f32'>];
  /** Whether float32 has room for what comes next. */
  readonly ordinary: Expr<'i32'>;
}

/** What is to be known of a row. */
interface Row {
  readonly x: Local<'i32'>;
  readonly n: Local<'i32'>;
  readonly eps: Local<'f64'>;
  readonly centre: Local<'i32'>;
}

/** How the spread of a row is found. */
interface Spreads {
  readonly rough: Func;
  readonly wide: Func;
}

/**
 * One pass over the row: the spread about its first element. That is one of the row, so float64 has digits enough for what cancels.
 * Float32 has where the first is an ordinary one of the row, and squares stay in its range; else there is a second pass.
 */
function moments({ rough, wide: exact }: Spreads, { x, n, eps, centre }: Row, locals: Locals): Moments {
  const [mean, scale, size, offset, square, variance] = locals.list('f64', 6);
  const [first, high, low] = locals.f32;
  const [sums] = locals.v128;
  const read = (found: Expr<'v128'>): Body => [
    set(sums, found),
    ifElse(centre, set(offset, f64.div(f64x2.extractLane(sums, 0), size))),
    set(square, f64.div(f64x2.extractLane(sums, 1), size)),
    set(variance, f64.sub(square, f64.mul(offset, offset))),
  ];
  const served = i32.and(within(square, 1e-20, 1e30), f64.lt(square, f64.mul(variance, f64.const(16))));
  return {
    mean,
    scale,
    rounded: [high, low, f32.demote(scale)],
    find: [
      set(size, f64.convertI32(n)),
      set(offset, f64.const(0)),
      set(first, f32.const(0)),
      ifElse(centre, set(first, f32.load(x))),
      set(mean, f64.promote(first)),
      read(value('v128', rough, x, n, first)),
      ifElse(served, [], read(value('v128', exact, x, n, mean))),
      set(mean, f64.add(mean, offset)),
      set(scale, f64.div(f64.const(1), f64.sqrt(f64.add(f64.max(variance, f64.const(0)), eps)))),
      set(high, f32.demote(mean)),
      set(low, f32.demote(f64.sub(mean, f64.promote(high)))),
    ],
    ordinary: within(scale, 1e-30, 1e30),
  };
}

const within = (x: Expr<'f64'>, low: number, high: number): Expr<'i32'> =>
  i32.and(f64.gt(x, f64.const(low)), f64.lt(x, f64.const(high)));

/** Attributes of the kernels. */
const options = { eps: 'f64', centre: 'i32' } as const;

function standardize(target: Target, spreads: Spreads): Func {
  const map = mapRow('map', target, 1, ['f32', 'f32', 'f32'], (_, x, high, low, scale) =>
    mul(away(x, high, low), scale),
  );
  const exact = mapRow('exact', target, 1, ['f64', 'f64'], exactly);
  return overRows('standardize', { x: 'n', y: 'n', r: 1 }, options, (p, locals) => {
    const { x, y, r, n } = p;
    const { find, mean, scale, rounded, ordinary } = moments(spreads, p, locals);
    return [
      find,
      f32.store(r, rounded[2]),
      ifElse(ordinary, call(map, x, y, n, ...rounded), call(exact, x, y, n, mean, scale)),
    ];
  });
}

function standardizeGrad(target: Target): Func {
  const slopes = narrowSums('slopes', target, { rows: 2, count: 2, terms: (_, dy, y) => [dy, mul(dy, y)] });
  const tangent = mapRow('tangent', target, 2, ['f32', 'f32', 'f32'], (_, dy, y, mean, along, r) =>
    mul(r, sub(sub(dy, mean), mul(y, along))),
  );
  return overRows('standardizeGrad', { dy: 'n', y: 'n', r: 1, dx: 'n' }, { centre: 'i32' }, (p, locals) => {
    const { dy, y, r, dx, n, centre } = p;
    const [sums] = locals.v128;
    const [mean] = locals.f32;
    const share = (lane: number): Expr<'f32'> => f32.demote(f64.div(f64x2.extractLane(sums, lane), f64.convertI32(n)));
    return [
      set(sums, value('v128', slopes, dy, y, n)),
      set(mean, f32.const(0)),
      ifElse(centre, set(mean, share(0))),
      call(tangent, dy, y, dx, n, mean, share(1), f32.load(r)),
    ];
  });
}

function affineNorm(target: Target, spreads: Spreads): Func {
  const map = mapRow('affineMap', target, 3, ['f32', 'f32', 'f32'], ({ madd }, x, w, b, high, low, scale) =>
    madd(mul(away(x, high, low), scale), w, b),
  );
  const exact = mapRow('affineExact', target, 3, ['f64', 'f64'], (r, x, w, b, mean, scale) =>
    add(mul(exactly(r, x, mean, scale), w), b),
  );
  return overRows('affineNorm', { x: 'n', w: 0, b: 0, y: 'n', stats: 3 }, options, (p, locals) => {
    const { x, w, b, y, stats, n } = p;
    const { find, mean, scale, rounded, ordinary } = moments(spreads, p, locals);
    return [
      find,
      rounded.map((v, i) => f32.store(stats, v, 4 * i)),
      ifElse(ordinary, call(map, x, w, b, y, n, ...rounded), call(exact, x, w, b, y, n, mean, scale)),
    ];
  });
}

/** The scale that `affineNorm` left of a row. */
const scaleOf = (stats: Local<'i32'>): Expr<'f32'> => f32.load(stats, 8);

function affineNormGrad(target: Target): Func {
  const slopes = narrowSums('affineSlopes', target, {
    rows: 3,
    scalars: ['f32', 'f32'],
    count: 2,
    terms({ hold }, dy, x, w, high, low) {
      const g = hold(mul(dy, w));
      return [g, mul(g, away(x, high, low))];
    },
  });
  const tangent = mapRow(
    'affineTangent',
    target,
    3,
    ['f32', 'f32', 'f32', 'f32', 'f32'],
    (_, dy, x, w, high, low, mean, along, r) => mul(r, sub(sub(mul(dy, w), mean), mul(away(x, high, low), along))),
  );
  const steps = { dy: 'n', x: 'n', w: 0, stats: 3, dx: 'n' } as const;
  return overRows('affineNormGrad', steps, { centre: 'i32' }, ({ dy, x, w, stats, dx, n, centre }, locals) => {
    const [sums] = locals.v128;
    const [mean] = locals.f32;
    const [along] = locals.f64;
    const share = (lane: number): Expr<'f64'> => f64.div(f64x2.extractLane(sums, lane), f64.convertI32(n));
    const r = f64.promote(scaleOf(stats));
    return [
      set(sums, value('v128', slopes, dy, x, w, n, f32.load(stats), f32.load(stats, 4))),
      set(mean, f32.const(0)),
      ifElse(centre, set(mean, f32.demote(share(0)))),
      set(along, f64.mul(share(1), f64.mul(r, r))),
      call(tangent, dy, x, w, dx, n, f32.load(stats), f32.load(stats, 4), mean, f32.demote(along), scaleOf(stats)),
    ];
  });
}

/**
 * Functions of the addresses of operands and results, the number of rows, the elements of a row, and options. Normalised values are
 * within 5e-7 of themselves or 2e-7, whatever the mean; gradients within 1e-6 of the largest term.
 */
export const norms: Family = defineFamily((target) => {
  const spreads = { rough: roughSpread(target), wide: spreadOf(target) };
  return [
    standardize(target, spreads),
    standardizeGrad(target),
    affineNorm(target, spreads),
    affineNormGrad(target),
    ...columns('affineNormWeightGrad', weightSums(target)),
  ];
});

/** Sums over rows of dy·(x − mean)·scale and of dy. */
const weightSums = (target: Target): ColumnsSpec =>
  sums(
    {
      target,
      matrices: 2,
      results: 2,
      scalars: { each: 3, of: (stats) => [0, 4, 8].map((k) => v128.load32Splat(stats, k)) },
      terms: (dy, x, high, low, scale) => [mul(dy, mul(away(x, high, low), scale)), dy],
    },
    'mixed',
  );
