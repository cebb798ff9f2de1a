import type { Tensor } from '../tensor.ts';
import { elementwise } from './elementwise.ts';
import type { V } from './forms.ts';
import { f32x4, v128 } from './lanes.ts';
import { fewest, overlay } from './overlay.ts';

type Outputs = readonly Tensor[];

/** x, or the number, as the mask says. */
function layMasked(name: string, formula: (x: V, mask: V, number: V) => V): void {
  const run = elementwise({
    operands: ['float32', 'bool'],
    params: 1,
    formulas: (_, x, mask, number) => [formula(x, mask, number)],
  });
  overlay<readonly [Tensor, Tensor], number, Outputs>(name, {
    accepts: ([x]) => x.dtype === 'float32' && x.size >= fewest,
    run: (outputs, inputs, number) => run(outputs, inputs, [number]),
  });
}

/** Lay kernels that read masks over their definitions. All are exact but maskedScale, within 1.2e-7. */
export function layMasks(): void {
  layMasked('maskedFill', (x, mask, number) => v128.bitselect(number, x, mask));
  layMasked('maskedScale', (x, mask, number) => v128.and(f32x4.mul(x, number), mask));
  const choose = elementwise({
    operands: ['bool', 'float32', 'float32'],
    params: 0,
    formulas: (_, mask, p, q) => [v128.bitselect(p, q, mask)],
  });
  overlay<readonly [Tensor, Tensor, Tensor], undefined, Outputs>('where', {
    accepts: ([, p]) => p.dtype === 'float32' && p.size >= fewest,
    run: (outputs, inputs) => choose(outputs, inputs),
  });
}
