/** Lays SIMD kernels over those of `kernels.ts`. Nothing is compiled before it is used. */
import { call, ifElse, set, value } from '../tensor/simd/assembler.ts';
import { defineFamily, type Family } from '../tensor/simd/family.ts';
import { f32x4, f64x2 } from '../tensor/simd/lanes.ts';
import { launch } from '../tensor/simd/launch.ts';
import { exactly } from '../tensor/simd/norms.ts';
import { isFloat32, overlay } from '../tensor/simd/overlay.ts';
import { mapRow, overRows } from '../tensor/simd/rowFunctions.ts';
import { wideSums } from '../tensor/simd/rowSums.ts';
import { copyBytes, f32, f64, i32 } from '../tensor/simd/scalar.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { shortest } from './kernels.ts';

const kernels: Family = defineFamily((target) => {
  const clamp = mapRow('clamp', target, 1, ['f32'], (_, x, least) => f32x4.max(x, least));
  const squares = wideSums('squares', target, { rows: 1, count: 1, terms: (_, x) => [f64x2.mul(x, x)] });
  const scale = mapRow('scale', target, 1, ['f32'], (_, x, by) => f32x4.mul(x, by));
  const exact = mapRow('exact', target, 1, ['f64', 'f64'], exactly);
  return [
    overRows('clampSigma', { x: 'n', y: 'n' }, {}, ({ x, y, n }) => call(clamp, x, y, n, f32.const(0))),
    // 1/norm leaves the range of float32 where the norm does.
    overRows('normaliseRows', { x: 'n', before: 'n', y: 'n' }, {}, ({ x, before, y, n }, locals) => {
      const [norm] = locals.f64;
      const inverse = f64.div(f64.const(1), norm);
      return [
        set(norm, f64.sqrt(value('f64', squares, x, n))),
        ifElse(
          f64.lt(norm, f64.const(shortest)),
          copyBytes(y, before, i32.shl(n, 2)),
          ifElse(
            f64.lt(norm, f64.const(1e30)),
            call(scale, x, y, n, f32.demote(inverse)),
            call(exact, x, y, n, f64.const(0), inverse),
          ),
        ),
      ];
    }),
  ];
});

const read = (tensor: Tensor, step: number): { readonly tensor: Tensor; readonly step: number } => ({ tensor, step });

overlay<readonly [Tensor], undefined, readonly [Tensor]>('clampSigma', {
  accepts: isFloat32,
  run: ([y], [x]) =>
    launch(kernels('clampSigma'), [read(x, x.size), { ...read(y, x.size), write: true }], { count: 1, cost: x.size }, [
      x.size,
    ]),
});

/** Relative error 2e-7. */
overlay<readonly [Tensor, Tensor], undefined, readonly [Tensor]>('normaliseRows', {
  accepts: isFloat32,
  run([y], [x, before]) {
    const n = x.shape[x.rank - 1];
    const shares = [read(x, n), read(before, n), { ...read(y, n), write: true }];
    return launch(kernels('normaliseRows'), shares, { count: y.size / n, cost: 0.5 * n }, [n]);
  },
});
