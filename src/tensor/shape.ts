import { DomainError, type Shape, ShapeError } from './errors.ts';

/** Number of elements of a shape: the product of its sizes, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A shape given by a caller, checked.
 * @throws DomainError when a size is not a whole number >= 0.
 */
export function checkShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) throw new DomainError(op, `a shape is a list of sizes, got ${String(shape)}`);
  for (const n of shape)
    if (!Number.isSafeInteger(n) || n < 0)
      throw new DomainError(op, `a size is a whole number >= 0, got [${shape.map(String).join(',')}]`);
  return shape;
}

/**
 * The shape that two shapes broadcast to, by NumPy's rule: align at the last axis; sizes are equal, or one of them is 1.
 * @param operands what the error shows, when it is more than the two shapes
 * @throws ShapeError naming `op` when two sizes differ and neither is 1.
 */
export function broadcastShapes(
  op: string,
  a: Shape,
  b: Shape,
  operands: readonly { readonly shape: Shape }[] = [{ shape: a }, { shape: b }],
): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const p = a[a.length - i] ?? 1;
    const q = b[b.length - i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      const shapes = operands.map((x) => x.shape);
      throw new ShapeError(op, `axis -${i} of the broadcast is ${p} and ${q}`, shapes);
    }
    out[rank - i] = p === 1 ? q : p;
  }
  return out;
}

/**
 * One axis, counted from the end when negative.
 * @throws ShapeError when it is not an axis of `shape`.
 */
export function resolveAxis(op: string, axis: number, shape: Shape): number {
  const at = Number.isInteger(axis) && axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= shape.length)
    throw new ShapeError(op, `axis ${String(axis)} does not exist`, [shape]);
  return at;
}

/**
 * A list of axes, ascending; all of them when undefined.
 * @throws ShapeError when one does not exist or is named twice.
 */
export function resolveAxes(op: string, axes: number | readonly number[] | undefined, shape: Shape): readonly number[] {
  if (axes === undefined) return shape.map((_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => resolveAxis(op, axis, shape));
  if (new Set(list).size !== list.length) throw new ShapeError(op, `axes [${list.join(',')}] repeat`, [shape]);
  return list.sort((a, b) => a - b);
}

/** Row-major strides: how far apart neighbours along each axis lie in flat storage. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}
