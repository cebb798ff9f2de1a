/** Small pieces that kernels are made of. */
import { type Body, during, type I32, ifElse, type Local, type Statement, set, statement } from './assembler.ts';
import { v128 } from './lanes.ts';
import { i32 } from './scalar.ts';

type I = Local<'i32'>;

/** That many i32 variables by name. */
export const ints = <K extends string>(...names: readonly K[]): { readonly [P in K]: 'i32' } =>
  Object.fromEntries(names.map((name) => [name, 'i32'])) as { readonly [P in K]: 'i32' };

/** p += by, for each. */
export const advance = (p: I | readonly I[], by: I32): Statement =>
  statement([p].flat().map((one) => set(one, i32.add(one, by)).code));

/** body, `count` times; the count ends as 0. */
export const times = (count: I, body: Body): Body => during(count, [body, advance(count, -1)]);

/** Store the first `count` lanes of 32 bits, one at least and all from 4 on, at an address plus `offset`. */
export const storeSome = (to: I, x: Local<'v128'>, count: I, offset: number): Body =>
  ifElse(
    i32.gtS(count, 3),
    v128.store(to, x, offset),
    ifElse(
      i32.gtS(count, 1),
      [v128.store64Lane(to, x, 0, offset), ifElse(i32.gtS(count, 2), v128.store32Lane(to, x, 2, offset + 8))],
      v128.store32Lane(to, x, 0, offset),
    ),
  );
