import type { Tensor } from '../tensor.ts';
import { brIf, type Func, func, type Local, loop, set } from './assembler.ts';
import { defineFamily, type Target } from './family.ts';
import type { V } from './forms.ts';
import { type Formula, type Formulas, writing } from './formula.ts';
import { f32x4, i8x16, i16x8, i32x4, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { fewest } from './overlay.ts';
import { advance } from './pieces.ts';
import { i32 } from './scalar.ts';
import { interleaved } from './sweep.ts';

type Address = Local<'i32'>;

/** A kernel whose results, all float32, depend element by element on the operands. */
export interface Elementwise {
  /** What each operand holds: values or bytes in the shape of the results, or one number for all. Bytes come as masks. */
  readonly operands: readonly ('float32' | 'bool' | 'one')[];
  /** How many numbers follow the operands. */
  readonly params: number;
  readonly formulas: Formulas;
  /** How many results there are. Default 1. */
  readonly results?: number;
}

/** Elements from which on a kernel of that cost is launched: a short loop of cheap steps has ended before another can start. */
export const leastFor = (cost: number): number => (cost < 0.5 ? 256 : fewest);

/** Elements `at` … `at` + 3 of an operand. */
const load = (address: Address, at: number, kind: 'float32' | 'bool'): V =>
  kind === 'float32'
    ? v128.load(address, 4 * at)
    : i32x4.gtS(i32x4.extendBytes(v128.load32Zero(address, at)), v128.zero());

/** Vectors per iteration, of which a buffer owns whole ones: there is no tail. */
const group = 4;

/** Four masks as sixteen bytes of zeros and ones. */
export const bytesOfMasks = (a: V, b: V, c: V, d: V): V =>
  i8x16.neg(i8x16.narrowI16x8S(i16x8.narrowI32x4S(a, b), i16x8.narrowI32x4S(c, d)));

/** Parameters of the function: addresses of operands and results, the number of elements, further numbers. */
function build(kernel: Elementwise, target: Target): Func {
  const { operands, params, formulas, results = 1 } = kernel;
  const addresses = operands.length + results;
  const names = Array.from(
    { length: addresses + 1 + params },
    (_, i) => [`p${i}`, i <= addresses ? 'i32' : 'f32'] as const,
  );
  return func('run', Object.fromEntries(names), (given, locals) => {
    const at = names.map(([key]) => given[key]);
    const pointers = at.slice(0, addresses) as readonly Address[];
    const count = at[addresses] as Address;
    const w = writing(target, locals);
    const fixed = operands.map((kind, i) => (kind === 'one' ? w.hold(v128.load32Splat(pointers[i])) : null));
    const numbers = at.slice(addresses + 1).map((x) => w.hold(f32x4.splat(x as Local<'f32'>)));
    const ready = w.written();
    const copies = Array.from({ length: group }, (_, j) => {
      const xs = operands.map((kind, i) => fixed[i] ?? w.hold(load(pointers[i], 4 * j, kind as 'float32' | 'bool')));
      const ys = formulas(w, ...xs, ...numbers).map((y) => w.hold(y));
      return [...w.written(), ...ys.map((y, k) => v128.store(pointers[operands.length + k], y, 16 * j))];
    });
    const bytes = pointers.map((_, i) => ({ float32: 4, bool: 1, one: 0 })[operands[i] ?? 'float32']);
    return [
      w.constants,
      ready,
      loop((again) => [
        interleaved(copies),
        pointers.map((p, i) => (bytes[i] === 0 ? [] : advance(p, 4 * group * bytes[i]))),
        set(count, i32.sub(count, 4 * group)),
        brIf(again, i32.gtS(count, 0)),
      ]),
    ];
  });
}

/** A kernel that runs over tensors. Operands that are 'one' have one element. */
export type Runs = (outputs: readonly Tensor[], inputs: readonly Tensor[], params?: readonly number[]) => boolean;

/** Compiled when it is first run. `cost` is in nanoseconds per element. */
export function elementwise(kernel: Elementwise, cost: number = 0.3): Runs {
  const family = defineFamily((target) => [build(kernel, target)]);
  return (outputs, inputs, params) =>
    launch(
      family('run'),
      [
        ...inputs.map((tensor, i) => ({ tensor, step: kernel.operands[i] === 'one' ? 0 : 1 })),
        ...outputs.map((tensor) => ({ tensor, step: 1, write: true })),
      ],
      { count: outputs[0].size, grain: 4 * group, cost },
      params,
    );
}

/** The kernel of a formula with one operand and one result. */
export const unary = (formula: Formula, params: number, cost: number): Runs =>
  elementwise({ operands: ['float32'], params, formulas: (r, ...xs) => [formula(r, ...xs)] }, cost);
