import type { StandardizeAttrs } from '../cpu/standardize.ts';
import { sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { columnsScratch } from './columns.ts';
import { launch } from './launch.ts';
import { norms } from './norms.ts';
import { isFloat32, overlay } from './overlay.ts';
import { overRows, readRows, writeRows } from './overRows.ts';

const rowOf = (x: Tensor, axes: number): number => sizeOf(x.shape.slice(x.rank - axes));

function layStandardize(): void {
  overlay<readonly [Tensor], StandardizeAttrs, readonly [Tensor, Tensor]>('standardize', {
    accepts: isFloat32,
    run([y, r], [x], { axes, eps, centre }) {
      const n = rowOf(x, axes);
      const shares = [readRows(x, n), writeRows(y, n), writeRows(r, 1)];
      return overRows(norms('standardize'), shares, [r.size, n, 0.6], [eps, Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor]>('standardizeGrad', {
    accepts: isFloat32,
    run([dx], [dy, y, r], { axes, centre }) {
      const n = rowOf(y, axes);
      const shares = [readRows(dy, n), readRows(y, n), readRows(r, 1), writeRows(dx, n)];
      return overRows(norms('standardizeGrad'), shares, [r.size, n, 0.7], [Number(centre)]);
    },
  });
}

function layAffineNorm(): void {
  overlay<readonly [Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor, Tensor]>('affineNorm', {
    accepts: isFloat32,
    run([y, stats], [x, w, b], { axes, eps, centre }) {
      const n = rowOf(x, axes);
      const shares = [readRows(x, n), readRows(w, 0), readRows(b, 0), writeRows(y, n), writeRows(stats, 3)];
      return overRows(norms('affineNorm'), shares, [x.size / n, n, 0.7], [eps, Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor, Tensor], StandardizeAttrs, readonly [Tensor]>('affineNormGrad', {
    accepts: isFloat32,
    run([dx], [dy, x, w, stats], { axes, centre }) {
      const n = rowOf(x, axes);
      const shares = [readRows(dy, n), readRows(x, n), readRows(w, 0), readRows(stats, 3), writeRows(dx, n)];
      return overRows(norms('affineNormGrad'), shares, [x.size / n, n, 0.9], [Number(centre)]);
    },
  });
  overlay<readonly [Tensor, Tensor, Tensor], number, readonly [Tensor, Tensor]>('affineNormWeightGrad', {
    accepts: isFloat32,
    run([dw, db], [dy, x, stats], axes) {
      const n = rowOf(x, axes);
      const rows = x.size / n;
      const whole = [dy, x].map((t) => ({ tensor: t, step: 1, whole: true }));
      const scratch = columnsScratch(n, { lanes: 'f64', results: 2 });
      const work = { count: n, grain: 16, cost: 0.4 * rows, scratch };
      const shares = [...whole, readRows(stats, 0), writeRows(dw, 1), writeRows(db, 1)];
      return launch(norms('affineNormWeightGrad'), shares, work, [rows, 4 * n]);
    },
  });
}

/** Lay the kernels of normalisation over their definitions. */
export function layNorms(): void {
  layStandardize();
  layAffineNorm();
}
