import type { GpuTable } from '../overlay.ts';
import { pointwise } from './pointwise.ts';

/** Losses of numbers: each row is one op. */
export const losses: GpuTable = {
  huber: pointwise<number>(
    'huber',
    {
      first: 'const d = Math.abs(x - y); let v = delta * (d - 0.5 * delta); if (d <= delta) { v = 0.5 * d * d; }',
      value: 'v',
    },
    { operands: 2, numbers: { names: ['delta'], of: (delta) => [delta] } },
  ),
  bce: pointwise(
    'bce',
    {
      first: `let yes = logOf(x);
        let no = log1pOf(-x);
        if (yes < -100) { yes = 0 - 100; }
        if (no < -100) { no = 0 - 100; }`,
      value: '0 - y * yes - (1 - y) * no',
    },
    { operands: 2 },
  ),
  bceWithLogits: pointwise(
    'bceWithLogits',
    {
      first: `let yes = 0;
        let no = 0;
        if (y > 0 || y < 0) { yes = y * softplusOf(-x); }
        if (y < 1 || y > 1) { no = (1 - y) * softplusOf(x); }`,
      value: 'yes + no',
    },
    { operands: 2 },
  ),
};
