import { tensor } from '../../tensor/create.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkOptions, checkTensor, checkWhole, checkWholes } from '../options.ts';
import { expand } from './broadcast.ts';
import { indexSelect } from './gather.ts';
import { reshape } from './layout.ts';

/**
 * x laid side by side `times[j]` times along every axis, the last numbers for the last axes: PyTorch's `x.repeat(…)`, and
 * NumPy's `tile` when there are fewer numbers than axes. More of them put new axes in front. Element by element it is
 * `repeatInterleave`.
 * @throws DomainError when a number is not whole and >= 0
 */
export function repeat(x: Tensor, times: number | readonly number[]): Tensor {
  checkTensor('repeat', x);
  const given = typeof times === 'number' ? [times] : times;
  checkWholes('repeat', 'times', given, 0);
  const rank = Math.max(x.rank, given.length);
  const front = <T>(list: readonly T[], fill: T): T[] => [...new Array<T>(rank - list.length).fill(fill), ...list];
  const counts = front(given, 1);
  const sizes = front(x.shape, 1);
  const paired = reshape(
    x,
    sizes.flatMap((n) => [1, n]),
  );
  const wide = expand(
    paired,
    sizes.flatMap((n, i) => [counts[i], n]),
  );
  return reshape(
    wide,
    sizes.map((n, i) => n * counts[i]),
  );
}

/** How often each element of an axis comes. */
export interface RepeatInterleaveAttrs {
  /** The same for all, or one number for each element. */
  readonly repeats: number | readonly number[];
  /** Without one, x is flattened first. */
  readonly axis?: number;
}

/**
 * Each element of an axis `repeats` times in a row, as NumPy's `repeat` does: [a, b] becomes [a, a, b, b].
 * @throws ShapeError when the axis does not exist, or there is not one number for each of its elements; DomainError when a
 * number is not whole and >= 0
 */
export function repeatInterleave(x: Tensor, attrs: RepeatInterleaveAttrs): Tensor {
  checkTensor('repeatInterleave', x);
  checkOptions('repeatInterleave', attrs, ['repeats', 'axis']);
  const { repeats, axis } = attrs;
  const line = axis === undefined ? reshape(x, [-1]) : x;
  const at = resolveAxis('repeatInterleave', axis ?? 0, line.shape);
  const n = line.shape[at];
  if (typeof repeats === 'number') checkWhole('repeatInterleave', 'repeats', repeats, 0);
  else checkWholes('repeatInterleave', 'repeats', repeats, 0);
  const counts = typeof repeats === 'number' ? new Array<number>(n).fill(repeats) : repeats;
  if (counts.length !== n)
    throw new ShapeError('repeatInterleave', `${counts.length} repeats for axis ${at}`, [line.shape]);
  const picks = new Int32Array(counts.reduce((sum, times) => sum + times, 0));
  let from = 0;
  for (const [i, times] of counts.entries()) {
    picks.fill(i, from, from + times);
    from += times;
  }
  return indexSelect(line, tensor(picks, { device: x.device }), { axis: at });
}
