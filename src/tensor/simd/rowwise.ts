import { broadcastShapes, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import {
  type Body,
  call,
  during,
  type Expr,
  type Func,
  func,
  ifElse,
  type Local,
  type Statement,
  set,
} from './assembler.ts';
import { isRows, type Meeting, meeting, type Side } from './broadcast.ts';
import { bytesOfMasks, interleaved } from './elementwise.ts';
import { defineFamily, type Target } from './family.ts';
import { type Formula, writing } from './formula.ts';
import { f32x4, i32x4, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { fewest } from './overlay.ts';
import { i32 } from './scalar.ts';
import { storeFirst, sweep } from './sweep.ts';

type V = Expr<'v128'>;

/** A function of two operands that broadcast. */
export interface Rowwise {
  readonly formula: Formula;
  readonly result: 'float32' | 'bool';
  /** How many numbers follow the operands. Default 0. */
  readonly params?: number;
  /** Nanoseconds per element. */
  readonly cost: number;
}

/** Which operands have an element for every one of a row: both, the first, the second. */
const modes = ['vv', 'vs', 'sv'] as const;
type Mode = (typeof modes)[number];

/** Names and types of the numbers at the end of a kernel's parameters. */
const numbered = (count: number): Record<string, 'f32'> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'f32'] as const));

/** Row after row: `dp` and `dq` are bytes from row to row. */
function rowsOf(mode: Mode, { formula, result, params = 0 }: Rowwise, target: Target): Func {
  const types = { p: 'i32', q: 'i32', y: 'i32', rows: 'i32', columns: 'i32', dp: 'i32', dq: 'i32' } as const;
  return func(`rows_${mode}`, { ...types, ...numbered(params) }, (given, locals) => {
    const { p, q, y, rows, columns, dp, dq } = given as unknown as Record<string, Local<'i32'>>;
    const w = writing(target, locals);
    const { left, pAt, qAt, yAt } = locals({ left: 'i32', pAt: 'i32', qAt: 'i32', yAt: 'i32' });
    const { a, b, last } = locals({ a: 'v128', b: 'v128', last: 'v128' });
    const numbers = locals.list('v128', params);
    const [pAlong, qAlong] = [mode[0] === 'v', mode[1] === 'v'];
    const at = (offset: number): V =>
      formula(w, pAlong ? w.hold(v128.load(pAt, offset)) : a, qAlong ? w.hold(v128.load(qAt, offset)) : b, ...numbers);
    const rest = at(0);
    const single: Body = [w.written(), set(last, rest)];
    const full = (offsets: readonly number[]): Body => {
      if (result === 'float32')
        return interleaved(
          offsets.map((k) => {
            const v = w.hold(at(k));
            return [...w.written(), v128.store(yAt, v, k)];
          }),
        );
      const masks = offsets.map((k) => w.hold(at(k)));
      return [w.written(), storeMasks(yAt, masks), set(yAt, i32.add(yAt, 4 * offsets.length))];
    };
    return [
      numbers.map((v, i) => set(v, f32x4.splat((given as unknown as Record<string, Local<'f32'>>)[`n${i}`]))),
      w.constants,
      during(rows, [
        [set(left, columns), set(pAt, p), set(qAt, q), set(yAt, y)],
        pAlong ? [] : set(a, v128.load32Splat(p)),
        qAlong ? [] : set(b, v128.load32Splat(q)),
        sweep({
          count: left,
          at: [...(pAlong ? [pAt] : []), ...(qAlong ? [qAt] : []), ...(result === 'bool' ? [] : [yAt])],
          full,
          rest: [single, result === 'bool' ? storeFirstMasks(yAt, last, left) : storeFirst(yAt, last, left)],
        }),
        [set(p, i32.add(p, dp)), set(q, i32.add(q, dq))],
        [set(y, i32.add(y, result === 'bool' ? columns : i32.shl(columns, 2))), set(rows, i32.sub(rows, 1))],
      ]),
    ];
  });
}

/** Store four masks, or one, as bytes. */
function storeMasks(address: Local<'i32'>, masks: readonly V[]): Statement {
  const [a, b = a, c = a, d = a] = masks;
  const bytes = bytesOfMasks(a, b, c, d);
  return masks.length === 4 ? v128.store(address, bytes) : v128.store32Lane(address, bytes, 0);
}

/** Store the first 1 to 3 lanes as bytes. */
const storeFirstMasks = (address: Local<'i32'>, mask: V, count: Local<'i32'>): Body =>
  [0, 1, 2].map((lane) =>
    ifElse(i32.gtS(count, lane), i32.store8(address, i32.and(i32x4.extractLane(mask, lane), 1), lane)),
  );

/** All elements as one row. */
function flatOf(mode: Mode, { params = 0 }: Rowwise, rows: Func): Func {
  return func(
    `flat_${mode}`,
    { p: 'i32', q: 'i32', y: 'i32', count: 'i32', ...numbered(params) } as Record<string, 'i32' | 'f32'>,
    (given) => {
      const [p, q, y, count, ...numbers] = Object.values(given) as Local<'i32'>[];
      return call(rows, p, q, y, 1, count, 0, 0, ...numbers);
    },
  );
}

/** A kernel of two operands that broadcast. */
export interface RunsRows {
  accepts(inputs: readonly [Tensor, Tensor]): boolean;
  run(y: Tensor, inputs: readonly [Tensor, Tensor], params?: readonly number[]): boolean;
}

const meetingOf = ([a, b]: readonly [Tensor, Tensor]): Meeting | null =>
  meeting(a.shape, b.shape, broadcastShapes('', a.shape, b.shape));

/** Compiled, one mode at a time, when it is first run. */
export function rowwise(kernel: Rowwise): RunsRows {
  const families = Object.fromEntries(
    modes.map((mode) => [
      mode,
      defineFamily((target) => {
        const rows = rowsOf(mode, kernel, target);
        return [rows, flatOf(mode, kernel, rows)];
      }),
    ]),
  );
  const block = (y: Tensor, a: Tensor, b: Tensor, m: Meeting, params: readonly number[]): boolean => {
    const { rows, columns } = m;
    const mode = `${m.a.along ? 'v' : 's'}${m.b.along ? 'v' : 's'}`;
    const step = (side: Side): number => (rows > 1 ? side.step : side.along ? 1 : 0);
    const shares = [
      { tensor: a, step: step(m.a) },
      { tensor: b, step: step(m.b) },
      { tensor: y, step: rows > 1 ? columns : 1, write: true },
    ];
    return rows > 1
      ? launch(families[mode](`rows_${mode}`), shares, { count: rows, cost: kernel.cost * columns }, [
          columns,
          4 * m.a.step,
          4 * m.b.step,
          ...params,
        ])
      : launch(families[mode](`flat_${mode}`), shares, { count: columns, cost: kernel.cost, grain: 16 }, params);
  };
  return {
    accepts([a, b]) {
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return false;
      const out = broadcastShapes('', a.shape, b.shape);
      return sizeOf(out) >= fewest && isRows(meeting(a.shape, b.shape, out), out);
    },
    run(y, inputs, params = []) {
      const m = meetingOf(inputs) as Meeting;
      const [a, b] = inputs;
      if (m.blocks === 1) return block(y, a, b, m, params);
      const size = m.rows * m.columns;
      const part = (x: Tensor, at: number, skip: number, count: number): Tensor =>
        x.rawView([count], x.offset + at * skip);
      const sizeIn = (side: Side): number => (side.along ? m.columns : 1) * (side.step > 0 ? m.rows : 1);
      for (let i = 0; i < m.blocks; i++)
        if (
          !block(
            part(y, i, size, size),
            part(a, i, m.a.skip, sizeIn(m.a)),
            part(b, i, m.b.skip, sizeIn(m.b)),
            m,
            params,
          )
        )
          return false;
      return true;
    },
  };
}
