import type { DType } from '../dtype.ts';
import { bytesOf } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import { brIf, type Expr, type Func, func, type Local, loop, type Statement, set } from './assembler.ts';
import { defineFamily, type Family, type Target } from './family.ts';
import { type Formulas, writing } from './formula.ts';
import { f32x4, f64x2, i8x16, i16x8, i32x4, shuffle32, v128 } from './lanes.ts';
import { launch } from './launch.ts';
import { i32 } from './scalar.ts';

type V = Expr<'v128'>;
type Address = Local<'i32'>;

/** A kernel whose results depend, element by element, on the operands. */
export interface Elementwise {
  /** What each operand holds: values in the shape of the result, or one number for all. */
  readonly operands: readonly (DType | 'one')[];
  readonly results: readonly ('float32' | 'float64' | 'bool')[];
  /** How many numbers follow the operands. */
  readonly params: number;
  /** bool operands come as masks, and a bool result, which is the only one, leaves as such. */
  readonly formulas: Formulas;
}

/** Four elements of an operand, number `at`, `at` + 1, …, from an address. */
const load: Record<DType, (address: Address, at: number) => V> = {
  float32: (address, at) => v128.load(address, 4 * at),
  int32: (address, at) => v128.load(address, 4 * at),
  bool: (address, at) => i32x4.gtS(i32x4.extendBytes(v128.load32Zero(address, at)), v128.zero()),
  float64: (address, at) =>
    shuffle32(
      f32x4.demoteF64x2(v128.load(address, 8 * at)),
      f32x4.demoteF64x2(v128.load(address, 8 * at + 16)),
      [0, 1, 4, 5],
    ),
};

/** Store elements `at` … `at` + 3. */
const store: Record<'float32' | 'float64', (address: Address, x: V, at: number) => readonly Statement[]> = {
  float32: (address, x, at) => [v128.store(address, x, 4 * at)],
  float64: (address, x, at) => [
    v128.store(address, f64x2.promoteLowF32x4(x), 8 * at),
    v128.store(address, f64x2.promoteLowF32x4(shuffle32(x, x, [2, 3, 2, 3])), 8 * at + 16),
  ],
};

/** Four masks as sixteen bytes of zeros and ones. */
export const bytesOfMasks = (a: V, b: V, c: V, d: V): V =>
  i8x16.neg(i8x16.narrowI16x8S(i16x8.narrowI32x4S(a, b), i16x8.narrowI32x4S(c, d)));

/** Vectors per iteration: a buffer owns whole groups of 64 bytes, so that no tail is needed. */
const vectors = ({ results }: Elementwise): number => (results.includes('float64') ? 2 : 4);

/** The first statement of each list, the second of each, …: independent chains side by side keep the processor busy. */
export const interleaved = (lists: readonly (readonly Statement[])[]): Statement[] =>
  lists[0].flatMap((_, i) => lists.map((list) => list[i]));

/** Parameters of the function: addresses of operands and results, the number of elements, further numbers. */
function build(name: string, kernel: Elementwise, target: Target): Func {
  const { operands, results, params, formulas } = kernel;
  const addresses = operands.length + results.length;
  const names = Array.from(
    { length: addresses + 1 + params },
    (_, i) => [`p${i}`, i <= addresses ? 'i32' : 'f32'] as const,
  );
  return func(name, Object.fromEntries(names), (given, locals) => {
    const at = names.map(([key]) => given[key]);
    const pointers = at.slice(0, addresses) as readonly Address[];
    const count = at[addresses] as Address;
    const w = writing(target, locals);
    const ready: Statement[] = [];
    const splat = (x: V): V => {
      const [local] = locals.list('v128', 1);
      ready.push(set(local, x));
      return local;
    };
    const fixed = operands.map((kind, i) => (kind === 'one' ? splat(v128.load32Splat(pointers[i])) : null));
    const numbers = at.slice(addresses + 1).map((x) => splat(f32x4.splat(x as Local<'f32'>)));
    const group = vectors(kernel);
    const masks: V[] = [];
    const copies = Array.from({ length: group }, (_, j) => {
      const xs = operands.map((kind, i) => fixed[i] ?? w.hold(load[kind as DType](pointers[i], 4 * j)));
      const ys = formulas(w, ...xs, ...numbers).map((y) => w.hold(y));
      const stores = results.map((kind, k) => {
        if (kind !== 'bool') return store[kind](pointers[operands.length + k], ys[k], 4 * j);
        masks.push(ys[k]);
        return [];
      });
      return [...w.written(), ...stores.flat()];
    });
    const [a, b, c, d] = masks;
    return [
      w.constants,
      ready,
      loop((again) => [
        interleaved(copies),
        masks.length > 0 ? v128.store(pointers[operands.length], bytesOfMasks(a, b, c, d)) : [],
        [...operands, ...results].map((kind, i) =>
          kind === 'one' ? [] : set(pointers[i], i32.add(pointers[i], 4 * group * bytesOf(kind))),
        ),
        set(count, i32.sub(count, 4 * group)),
        brIf(again, i32.gtS(count, 0)),
      ]),
    ];
  });
}

/** A kernel that runs over tensors. Operands that are 'one' have one element. */
export type Runs = (outputs: readonly Tensor[], inputs: readonly Tensor[], params?: readonly number[]) => boolean;

/** Compiled when it is first run. `cost` is in nanoseconds per element. */
export function elementwise(name: string, kernel: Elementwise, cost: number = 0.3): Runs {
  const family: Family = defineFamily((target) => [build(name, kernel, target)]);
  const grain = 4 * vectors(kernel);
  return (outputs, inputs, params) =>
    launch(
      family(name),
      [
        ...inputs.map((tensor, i) => ({ tensor, step: kernel.operands[i] === 'one' ? 0 : 1 })),
        ...outputs.map((tensor) => ({ tensor, step: 1, write: true })),
      ],
      { count: outputs[0].size, grain, cost },
      params,
    );
}
