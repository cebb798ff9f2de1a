import type { DType } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import type { Expr } from './assembler.ts';
import { elementwise, type Runs } from './elementwise.ts';
import { f32x4, v128 } from './lanes.ts';
import { fewest, overlay } from './overlay.ts';

type V = Expr<'v128'>;
type Binary = readonly [Tensor, Tensor];
type Outputs = readonly Tensor[];

const isLong = (x: Tensor): boolean => x.size >= fewest;

/** Lay kernels that read masks, and conversions, over their definitions. All are exact but maskedScale, within 1.2e-7. */
export function layMasks(): void {
  const choose = elementwise('where', {
    operands: ['bool', 'float32', 'float32'],
    results: ['float32'],
    params: 0,
    formulas: (_, mask, p, q) => [v128.bitselect(p, q, mask)],
  });
  overlay<readonly [Tensor, Tensor, Tensor], undefined, Outputs>('where', {
    accepts: ([, p]) => p.dtype === 'float32' && isLong(p),
    run: (outputs, inputs) => choose(outputs, inputs),
  });
  const masked = (name: string, formula: (x: V, mask: V, number: V) => V): void => {
    const run = elementwise(name, {
      operands: ['float32', 'bool'],
      results: ['float32'],
      params: 1,
      formulas: (_, x, mask, number) => [formula(x, mask, number)],
    });
    overlay<Binary, number, Outputs>(name, {
      accepts: ([x]) => x.dtype === 'float32' && isLong(x),
      run: (outputs, inputs, number) => run(outputs, inputs, [number]),
    });
  };
  masked('maskedFill', (x, mask, number) => v128.bitselect(number, x, mask));
  masked('maskedScale', (x, mask, number) => v128.and(f32x4.mul(x, number), mask));
  layCast();
}

/** Conversions by the dtypes they are between; to int32, which wraps, the definition does it. */
const casts: Readonly<Record<string, (x: V, one: V) => V>> = {
  'float32 float64': (x) => x,
  'float64 float32': (x) => x,
  'int32 float32': (x) => f32x4.convertI32x4(x),
  'bool float32': (x, one) => v128.and(x, one),
  'float32 bool': (x) => f32x4.ne(x, v128.zero()),
};

function layCast(): void {
  const kernels = new Map<string, Runs>();
  for (const [pair, convert] of Object.entries(casts)) {
    const [from, to] = pair.split(' ') as [DType, 'float32' | 'float64' | 'bool'];
    const kernel = {
      operands: [from],
      results: [to],
      params: 0,
      formulas: (r, x) => [convert(x, r.constant(1))],
    } satisfies Parameters<typeof elementwise>[1];
    kernels.set(pair, elementwise('cast', kernel));
  }
  const kernelOf = (x: Tensor, to: DType): Runs | undefined => kernels.get(`${x.dtype} ${to}`);
  overlay<readonly [Tensor], DType, Outputs>('cast', {
    accepts: ([x], to) => isLong(x) && kernelOf(x, to) !== undefined,
    run: (outputs, inputs, to) => kernelOf(inputs[0], to)?.(outputs, inputs) ?? false,
  });
}
