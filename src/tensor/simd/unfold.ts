/** The patches of images as columns, and back. */
import { type Pair, type Patches, patchCounts } from '../cpu/unfold.ts';
import type { Tensor } from '../tensor.ts';
import {
  type Body,
  during,
  type Expr,
  type Func,
  func,
  type I32,
  ifElse,
  type Local,
  type Locals,
  select,
  set,
} from './assembler.ts';
import { defineFamily, type Family } from './family.ts';
import { run } from './innermost.ts';
import { f32x4, f64x2, shuffle64, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { overlay } from './overlay.ts';
import { advance } from './pieces.ts';
import { f32, f64, i32, zeroFill } from './scalar.ts';
import { movable } from './walks.ts';

type I = Local<'i32'>;

/** What both kernels are told: sizes of an image and of a patch, how many patches, and the steps. */
const geometry = [
  ...['height', 'width', 'kernelRows', 'kernelColumns', 'rows', 'columns'],
  ...['strideY', 'strideX', 'paddingY', 'paddingX', 'dilationY', 'dilationX'],
] as const;
type Geometry = Readonly<Record<(typeof geometry)[number], I>>;

const parameters = (names: readonly string[]): Record<string, 'i32'> =>
  Object.fromEntries(names.map((name) => [name, 'i32' as const]));

const clamped = (x: Expr<'i32'>, most: I): Expr<'i32'> =>
  select(i32.ltS(x, 0), i32.add(0, 0), select(i32.ltS(x, most), x, i32.add(most, 0)));

/** Where a row of places is: its first and its end inside the image, and the pixel of the first. */
interface Row {
  readonly first: I;
  readonly end: I;
  readonly pixel: I;
}

/**
 * Go through the rows of places: for each element of a patch, every row of patches. `inside` sees the places first … end − 1 of a row that
 * has any in the image, `outside` the others.
 */
function eachRow(
  g: Geometry,
  image: I,
  pixelBytes: number,
  locals: Locals,
  inside: (row: Row) => Body,
  outside: Body,
): Body {
  const [ki, kj, i, y, first, end, pixel, offset] = locals.i32;
  const count = (from: I, to: I32, body: Body): Body => [
    set(from, 0),
    during(i32.ltS(from, to), [body, advance(from, 1)]),
  ];
  // Column j of the patches is at x = j·strideX + offset.
  const upTo = (x: Expr<'i32'>): Expr<'i32'> => i32.divS(i32.sub(i32.add(x, g.strideX), 1), g.strideX);
  return count(
    ki,
    g.kernelRows,
    count(kj, g.kernelColumns, [
      set(offset, i32.sub(i32.mul(kj, g.dilationX), g.paddingX)),
      set(first, clamped(upTo(i32.sub(0, offset)), g.columns)),
      set(end, clamped(upTo(i32.sub(g.width, offset)), g.columns)),
      count(i, g.rows, [
        set(y, i32.sub(i32.add(i32.mul(i, g.strideY), i32.mul(ki, g.dilationY)), g.paddingY)),
        ifElse(
          i32.and(i32.ltU(y, g.height), i32.ltS(first, end)),
          [
            set(pixel, i32.add(i32.mul(y, g.width), i32.add(i32.mul(first, g.strideX), offset))),
            set(pixel, i32.add(image, i32.mul(pixel, pixelBytes))),
            inside({ first, end, pixel }),
          ],
          outside,
        ),
      ]),
    ]),
  );
}

/** Elements of four bytes from `from` to `to`, set to 0. */
const zeros = (y: I, from: I | number, to: I, at: I): Body => [
  set(at, from),
  during(i32.ltS(at, to), [i32.store(i32.add(y, i32.shl(at, 2)), i32.add(0, 0)), advance(at, 1)]),
];

/** One image of one channel after another, to all of its places. */
const unfoldImages = (): Func =>
  func('unfold', { y: 'i32', x: 'i32', images: 'i32', ...parameters(geometry) }, (p, locals) => {
    const { y, x, images } = p as Record<'y' | 'x' | 'images', I>;
    const g = p as unknown as Geometry;
    const [at, n, to] = locals.i32;
    const next = advance(y, i32.shl(g.columns, 2));
    return during(images, [
      eachRow(
        g,
        x,
        4,
        locals,
        ({ first, end, pixel }) => [
          zeros(y, 0, first, at),
          set(to, i32.add(y, i32.shl(first, 2))),
          set(n, i32.sub(end, first)),
          ifElse(
            i32.eq(g.strideX, 1),
            run.body(to, pixel, { n }, locals),
            during(n, [
              i32.store(to, i32.load(pixel)),
              advance(to, 4),
              advance(pixel, i32.shl(g.strideX, 2)),
              advance(n, -1),
            ]),
          ),
          zeros(y, end, g.columns, at),
          next,
        ],
        [zeroFill(y, i32.shl(g.columns, 2)), next],
      ),
      advance(x, i32.shl(i32.mul(g.height, g.width), 2)),
      advance(images, -1),
    ]);
  });

/** The places of one image of one channel after another, added up in float64, in `sums`. */
const foldImages = (): Func =>
  func('fold', { y: 'i32', x: 'i32', images: 'i32', ...parameters(geometry), sums: 'i32' }, (p, locals) => {
    const { y, x, images, sums } = p as Record<'y' | 'x' | 'images' | 'sums', I>;
    const g = p as unknown as Geometry;
    const [from, n, left, at] = locals.i32;
    const next = advance(x, i32.shl(g.columns, 2));
    return during(images, [
      set(left, i32.mul(g.height, g.width)),
      zeroFill(sums, i32.shl(left, 3)),
      eachRow(
        g,
        sums,
        8,
        locals,
        ({ first, end, pixel }) => [
          set(from, i32.add(x, i32.shl(first, 2))),
          set(n, i32.sub(end, first)),
          ifElse(
            i32.eq(g.strideX, 1),
            during(i32.gtS(n, 1), [
              v128.store(pixel, f64x2.add(v128.load(pixel), f64x2.promoteLowF32x4(v128.load64Zero(from)))),
              advance(from, 8),
              advance(pixel, 16),
              advance(n, -2),
            ]),
          ),
          during(n, [
            f64.store(pixel, f64.add(f64.load(pixel), f64.promote(f32.load(from)))),
            advance(from, 4),
            advance(pixel, i32.shl(g.strideX, 3)),
            advance(n, -1),
          ]),
          next,
        ],
        next,
      ),
      set(at, sums),
      during(i32.gtS(left, 3), [
        v128.store(y, shuffle64(f32x4.demoteF64x2(v128.load(at)), f32x4.demoteF64x2(v128.load(at, 16)), [0, 2])),
        advance(y, 16),
        advance(at, 32),
        advance(left, -4),
      ]),
      during(left, [f32.store(y, f32.demote(f64.load(at))), advance(y, 4), advance(at, 8), advance(left, -1)]),
      advance(images, -1),
    ]);
  });

const unfolds: Family = defineFamily(() => [unfoldImages()]);
const folds: Family = defineFamily(() => [foldImages()]);

const numbersOf = (size: Pair, patches: Patches): readonly number[] => [
  ...size,
  ...patches.kernel,
  ...patchCounts(size, patches),
  ...patches.stride,
  ...patches.padding,
  ...patches.dilation,
];

type One = readonly [Tensor];

/** Lay these kernels over their definitions, whose bits they give: sums run in float64, in the same order. */
export function layUnfold(): void {
  overlay<One, Patches, One>('unfold', {
    accepts: ([x], { kernel }) => movable(x, x.size * kernel[0] * kernel[1]),
    run([y], [x], patches) {
      const [n, c, h, w] = x.shape;
      const part = y.size / (n * c);
      return launch(
        unfolds('unfold'),
        [
          { tensor: y, step: part, write: true },
          { tensor: x, step: h * w },
        ],
        { count: n * c, cost: part / 4 },
        numbersOf([h, w], patches),
      );
    },
  });
  overlay<One, Patches & { readonly size: Pair }, One>('fold', {
    accepts: ([x]) => x.dtype === 'float32' && movable(x, x.size),
    run([y], [x], { size, ...patches }) {
      const [n, c] = y.shape;
      const [pixels, part] = [size[0] * size[1], x.size / (n * c)];
      return launch(
        folds('fold'),
        [
          { tensor: y, step: pixels, write: true },
          { tensor: x, step: part },
        ],
        { count: n * c, cost: part / 2, scratch: 8 * pixels },
        numbersOf(size, patches),
      );
    },
  });
}
