/** Walks over axes along each of which y and x advance by steps of their own. Sizes count elements, steps bytes. */
import type { Tensor } from '../tensor.ts';
import { type Body, type Func, func, type Local, set } from './assembler.ts';
import { defineFamily, type Entry, type Family } from './family.ts';
import { blank, fill, type Inner, run, strided, turn } from './innermost.ts';
import { advance, times } from './pieces.ts';

type I = Local<'i32'>;

/** Results below this many elements are made as fast by plain loops. */
const fewestMoved = 512;

/** Whether kernels see only a copy of x. */
export const isOutside = ({ storage }: Tensor): boolean => storage.address === 0;
/** From this many neighbours on the engine copies them from array to array faster than a kernel whose operands must be copied. */
export const longRun = 128;

/**
 * Whether a kernel that moves elements is to make `size` of them out of x: four bytes each, and enough. An x that would first be copied
 * should not be much larger than what is wanted of it. Plain loops give the same bits, so that it may matter where x lies.
 */
export const movable = (x: Tensor, size: number): boolean =>
  (x.dtype === 'float32' || x.dtype === 'int32') && size >= fewestMoved && !(isOutside(x) && x.size > 2 * size);

/** Most axes of a walk, the innermost included; and around it. */
export const mostAxes = 5;
const deepest: number = mostAxes - 1;
const depths: readonly number[] = Array.from({ length: deepest }, (_, i) => i + 1);

/**
 * A walk over `depth` axes: y, x, the size of the outermost axis, where in y and x the walk begins, the steps of that axis in y and x;
 * sizes and steps of the others; then what the innermost part takes.
 */
function walk({ name, params, body }: Inner, depth: number): Func {
  const axes = depths.slice(1, depth).flatMap((k) => [`n${k}`, `to${k}`, `from${k}`]);
  const all = Object.fromEntries(
    ['y', 'x', 'n1', 'start', 'first', 'to1', 'from1', ...axes, ...params].map((key) => [key, 'i32' as const]),
  );
  return func(`${name}${depth}`, all, (p, locals) => {
    const level = (k: number, y: I, x: I): Body => {
      if (k > depth) return body(y, x, p, locals);
      const [left, to, from] = locals.i32;
      return [
        set(left, p[`n${k}`]),
        set(to, y),
        set(from, x),
        times(left, [level(k + 1, to, from), advance(to, p[`to${k}`]), advance(from, p[`from${k}`])]),
      ];
    };
    return [advance(p.y, p.start), advance(p.x, p.first), level(1, p.y, p.x)];
  });
}

const all: readonly (readonly [name: string, build: () => Func])[] = [
  ['blank', blank],
  ...[run, fill, strided, turn].flatMap((inner) =>
    depths.map((depth) => [`${inner.name}${depth}`, () => walk(inner, depth)] as const),
  ),
];
const families: ReadonlyMap<string, Family> = new Map(
  all.map(([name, build]) => [name, defineFamily(() => [build()])] as const),
);

/** `run1` … `run4` and so on, and `blank`; compiled one by one, because a program uses few of them. */
export const walks = (name: string): Entry => (families.get(name) as Family)(name);
