/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

const show = (shapes: readonly Shape[]): string => shapes.map((s) => `[${s.join(',')}]`).join(' · ');

/**
 * Base of every error this library raises on purpose: the op that refused and the shapes it saw, as fields and in the
 * message (`matmul: axis 'k' is 3 and 4 in (…), got [2,3] · [4,5]`). Each subclass stands for one remedy.
 */
export class TensorError extends Error {
  /** The public function that refused. */
  readonly op: string;
  /** Shapes of its tensor operands, in order; empty when shapes play no part. */
  readonly shapes: readonly Shape[];

  constructor(op: string, message: string, shapes: readonly Shape[] = []) {
    super(`${op}: ${message}${shapes.length === 0 ? '' : `, got ${show(shapes)}`}`);
    this.name = new.target.name;
    this.op = op;
    this.shapes = shapes;
  }
}

/** Shapes or axes do not fit: reshape, slice or transpose the operand. */
export class ShapeError extends TensorError {}

/** Dtypes do not fit: `cast` one operand. */
export class DTypeError extends TensorError {}

/** The tensor lives elsewhere, or the device cannot do this: move it, or read it asynchronously. */
export class DeviceError extends TensorError {}

/** The gradient asked for does not exist, or its graph is gone: change what is asked, or keep the graph. */
export class GradError extends TensorError {}

/** A value lies outside an argument's domain: NaN, infinity, a negative size, an unknown option. */
export class DomainError extends TensorError {}

/** The tensor was made in a `scope` that has ended: return it from the scope, or `keep` it. */
export class DisposedError extends TensorError {}
