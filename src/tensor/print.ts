import type { Device } from './device.ts';
import type { Data, DType } from './dtype.ts';
import type { Shape } from './errors.ts';
import { sizeOf } from './shape.ts';

interface Printable {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  readonly requiresGrad: boolean;
  readonly onHost: boolean;
  readonly data: Data;
}

/** Axes longer than this, in a tensor of more than `whole` elements, show their ends only. */
const edge = 3;
const whole = 200;

/**
 * `tensor([[1, 2.5], [3, 4]], [2, 2], float32)`: four significant digits (whole numbers below 1e7, and int32, in full),
 * columns aligned, one line per row.
 */
export function print(t: Printable): string {
  const tail = `[${t.shape.join(', ')}], ${t.dtype}${t.requiresGrad ? ', requiresGrad' : ''}`;
  if (!t.onHost) return `tensor(${t.device.name}, ${tail})`;
  const shorten = sizeOf(t.shape) > whole;
  const cells = new Map<number, string>();
  const body = walk(t.shape, shorten, (i) => {
    const text = t.dtype === 'bool' ? String(t.data[i] !== 0) : format(t.data[i], t.dtype);
    cells.set(i, text);
    return text;
  });
  let width = 0;
  for (const text of cells.values()) width = Math.max(width, text.length);
  const aligned = t.shape.length < 2 ? body : walk(t.shape, shorten, (i) => (cells.get(i) ?? '').padStart(width));
  return `tensor(${aligned}, ${tail})`;
}

function format(x: number, dtype: DType): string {
  if (Number.isInteger(x) && (dtype === 'int32' || Math.abs(x) < 1e7)) return Object.is(x, -0) ? '-0' : String(x);
  const short = Number(x.toPrecision(4));
  return Math.abs(x) < 1e7 ? String(short) : short.toExponential();
}

/** Brackets and commas around the elements, `cell(i)` for flat index i. */
function walk(shape: Shape, shorten: boolean, cell: (index: number) => string): string {
  const level = (axis: number, from: number, count: number): string => {
    if (axis === shape.length) return cell(from);
    const n = shape[axis];
    const step = n === 0 ? 0 : count / n;
    const parts: string[] = [];
    for (let i = 0; i < n; i++) {
      if (shorten && n > 2 * edge && i === edge) {
        parts.push('…');
        i = n - edge;
      }
      parts.push(level(axis + 1, from + i * step, step));
    }
    const gap = axis === shape.length - 1 ? ', ' : `,${'\n'.repeat(shape.length - axis - 1)}${' '.repeat(axis + 8)}`;
    return `[${parts.join(gap)}]`;
  };
  return level(0, 0, sizeOf(shape));
}
