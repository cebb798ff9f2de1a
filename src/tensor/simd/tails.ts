/** Small pieces that kernels of rows are made of. */
import { type Body, during, type I32, ifElse, type Local, set } from './assembler.ts';
import { v128 } from './lanes.ts';
import { advance, i32 } from './scalar.ts';

type I = Local<'i32'>;

/** p += by */
export const advance = (p: I, by: I32): Body => advance(p, by);

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
