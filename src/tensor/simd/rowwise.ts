import { broadcastShapes, sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { type Body, call, during, type Func, func, ifElse, type Local, type Statement, set } from './assembler.ts';
import { isRows, type Meeting, meeting, type Side } from './broadcast.ts';
import { bytesOfMasks, leastFor } from './elementwise.ts';
import { defineFamily, type Family, type Target } from './family.ts';
import type { V } from './forms.ts';
import { type Formula, writing } from './formula.ts';
import { f32x4, i32x4, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { advance } from './pieces.ts';
import { i32 } from './scalar.ts';
import { interleaved, storeFirst, sweep } from './sweep.ts';

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
type Mode = 'vv' | 'vs' | 'sv';

/** Names and types of the numbers at the end of a kernel's parameters. */
const numbered = (count: number): Record<string, 'f32'> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'f32'] as const));

/** Row after row: `dp` and `dq` are bytes from row to row. */
function rowsOf(mode: Mode, { formula, result, params = 0 }: Rowwise, target: Target): Func {
  const types = { p: 'i32', q: 'i32', y: 'i32', rows: 'i32', columns: 'i32', dp: 'i32', dq: 'i32' } as const;
  return func('rows', { ...types, ...numbered(params) }, (given, locals) => {
    const { p, q, y, rows, columns, dp, dq } = given as unknown as Record<string, Local<'i32'>>;
    const w = writing(target, locals);
    const [left, pAt, qAt, yAt] = locals.i32;
    const [a, b, last] = locals.v128;
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
      return [w.written(), storeMasks(yAt, masks), advance(yAt, 4 * offsets.length)];
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
        [advance(p, dp), advance(q, dq)],
        [advance(y, result === 'bool' ? columns : i32.shl(columns, 2)), advance(rows, -1)],
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
function flatOf({ params = 0 }: Rowwise, rows: Func): Func {
  return func(
    'flat',
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

/** All elements in one row: those of a shape beside a single number, or the same shape. Null for another broadcast. */
function oneRow(a: Tensor, b: Tensor): Meeting | null {
  if (a.size !== b.size ? a.size !== 1 && b.size !== 1 : !sameShape(a.shape, b.shape)) return null;
  return { blocks: 1, rows: 1, columns: Math.max(a.size, b.size), a: sideOfOne(a), b: sideOfOne(b) };
}

const sideOfOne = ({ size }: Tensor): Side => ({ along: size !== 1, step: 0, skip: 0 });

/** What is needed to run a kernel: its functions in every mode, and nanoseconds per element. */
interface Ready extends Readonly<Record<Mode, Family>> {
  readonly cost: number;
}

/** Elements from one unit of the work to the next: a row, or an element of the only one. */
const stepOf = ({ along, step }: Side, rows: number): number => (rows > 1 ? step : along ? 1 : 0);

/** One block of rows, or one row. */
function runBlock(ready: Ready, [y, a, b]: readonly Tensor[], m: Meeting, params: readonly number[]): boolean {
  const { rows, columns } = m;
  const { cost } = ready;
  const family = !m.a.along ? ready.sv : m.b.along ? ready.vv : ready.vs;
  const shares = [
    { tensor: a, step: stepOf(m.a, rows) },
    { tensor: b, step: stepOf(m.b, rows) },
    { tensor: y, step: rows > 1 ? columns : 1, write: true },
  ];
  if (rows === 1) return launch(family('flat'), shares, { count: columns, cost, grain: 16 }, params);
  const steps = [columns, 4 * m.a.step, 4 * m.b.step, ...params];
  return launch(family('rows'), shares, { count: rows, cost: cost * columns }, steps);
}

/** All blocks, one after the other. */
function runBlocks(ready: Ready, [y, a, b]: readonly Tensor[], m: Meeting, params: readonly number[]): boolean {
  const part = (x: Tensor, skip: number, count: number, i: number): Tensor => x.rawView([count], x.offset + i * skip);
  const size = m.rows * m.columns;
  const sizeIn = (side: Side): number => (side.along ? m.columns : 1) * (side.step > 0 ? m.rows : 1);
  for (let i = 0; i < m.blocks; i++) {
    const parts = [part(y, size, size, i), part(a, m.a.skip, sizeIn(m.a), i), part(b, m.b.skip, sizeIn(m.b), i)];
    // The first one fails, or none: all need the same room.
    if (!runBlock(ready, parts, m, params)) return false;
  }
  return true;
}

/** Compiled, one mode at a time, when it is first run. */
export function rowwise(kernel: Rowwise): RunsRows {
  const familyOf = (mode: Mode): Family =>
    defineFamily((target) => {
      const rows = rowsOf(mode, kernel, target);
      return [rows, flatOf(kernel, rows)];
    });
  const least = leastFor(kernel.cost);
  const ready = { vv: familyOf('vv'), vs: familyOf('vs'), sv: familyOf('sv'), cost: kernel.cost };
  return {
    accepts([a, b]) {
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || (a.size < least && b.size < least)) return false;
      if (oneRow(a, b) !== null) return true;
      const out = broadcastShapes('', a.shape, b.shape);
      return isRows(meeting(a.shape, b.shape, out), out);
    },
    run(y, [a, b], params = []) {
      const m = oneRow(a, b) ?? (meeting(a.shape, b.shape, y.shape) as Meeting);
      return (m.blocks === 1 ? runBlock : runBlocks)(ready, [y, a, b], m, params);
    },
  };
}
