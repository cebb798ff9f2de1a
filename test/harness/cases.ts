/** Operands for an op: generated from its signature, or moved to another dtype, device or size. */
import fc from 'fast-check';
import type { OperandPattern, Signature } from '../../src/autograd/signature.ts';
import { cast, type DType, meta, type Shape, Tensor, tensor } from '../../src/index.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { broadcastShapes } from '../../src/tensor/shape.ts';
import { narrowed, shapes, tensors, type Values } from './arbitraries.ts';

/** One call of an op. Floating operands are float64. */
export interface Case<A = unknown> {
  readonly inputs: readonly Tensor[];
  readonly attrs: A;
}

/** What the sizes of generated operands may be. */
export interface Sizes {
  readonly min: number;
  readonly max: number;
}

/** Sizes of the named axes, and the leading axes, that one call binds. */
interface Binding {
  readonly axes: Readonly<Record<string, number>>;
  readonly lead: Shape;
}

const names = (signature: Signature): string[] => [...new Set(signature.operands.flatMap((o) => o.axes))];

function bindings(signature: Signature, { min, max }: Sizes): fc.Arbitrary<Binding> {
  const size = fc.integer({ min, max });
  const axes = fc.record(Object.fromEntries(names(signature).map((name) => [name, size])));
  return fc.record({ axes, lead: shapes({ maxRank: 2, minSize: min, maxSize: Math.min(3, max) }) });
}

function operandShape({ lead, axes }: OperandPattern, bound: Binding): fc.Arbitrary<Shape> {
  const own = axes.map((name) => bound.axes[name]);
  if (lead === 'none') return fc.constant(own);
  return (lead === 'equal' ? fc.constant(bound.lead) : narrowed(bound.lead)).map((leading) => [...leading, ...own]);
}

const dtypeFor = ({ kind }: OperandPattern): DType => (kind === 'int32' || kind === 'bool' ? kind : 'float64');

/** Operands that fit a signature, with one kind of values for all of them or one for each. */
export function operandsFor(
  signature: Signature,
  values: Values | readonly Values[],
  sizes: Sizes = { min: 1, max: 4 },
): fc.Arbitrary<readonly Tensor[]> {
  return bindings(signature, sizes).chain((bound) =>
    fc.tuple(
      ...signature.operands.map((pattern, i) =>
        operandShape(pattern, bound).chain((shape) =>
          tensors(shape, { dtype: dtypeFor(pattern), values: typeof values === 'function' ? values : values[i] }),
        ),
      ),
    ),
  );
}

/** A fresh leaf with the same values, requiring a gradient when its dtype can. */
export function leaf(x: Tensor): Tensor {
  const copy = x.device.hasData
    ? tensor(x.data, { shape: x.shape, dtype: x.dtype })
    : Tensor.allocate(x.shape, x.dtype, meta);
  copy.requiresGrad = isFloat(x.dtype);
  return copy;
}

/** The same call with its floating operands in another floating dtype. */
export const inFloat = <A>({ inputs, attrs }: Case<A>, dtype: 'float32' | 'float64'): Case<A> => ({
  inputs: inputs.map((x) => (isFloat(x.dtype) ? cast(x, dtype) : x)),
  attrs,
});

/** The same call without values. */
export const onMeta = <A>({ inputs, attrs }: Case<A>): Case<A> => ({
  inputs: inputs.map((x) => Tensor.allocate(x.shape, x.dtype, meta)),
  attrs,
});

/** The same call with every operand that may have another dtype in that dtype; null when none may. */
export function retyped<A>({ inputs, attrs }: Case<A>, signature: Signature, dtype: 'int32' | 'bool'): Case<A> | null {
  const free = dtype === 'int32' ? ['number', 'same', 'any'] : ['same', 'any'];
  if (!signature.operands.some(({ kind }) => free.includes(kind))) return null;
  const change = (x: Tensor, i: number): Tensor => (free.includes(signature.operands[i].kind) ? cast(x, dtype) : x);
  return { inputs: inputs.map(change), attrs };
}

/** Sizes and leading axes that a call binds, and the dtype of each kind of operand. */
interface Bound {
  readonly axes: Map<string, number>;
  readonly lead: Shape;
  readonly dtypes: Map<string, DType>;
}

function bind(signature: Signature, inputs: readonly Tensor[]): Bound {
  const axes = new Map<string, number>();
  const dtypes = new Map<string, DType>();
  let lead: Shape = [];
  for (const [i, pattern] of signature.operands.entries()) {
    const { shape, dtype } = inputs[i];
    const leading = shape.length - pattern.axes.length;
    for (const [axis, name] of pattern.axes.entries()) axes.set(name, shape[leading + axis]);
    if (pattern.lead !== 'none') lead = broadcastShapes('bind', lead, shape.slice(0, leading));
    dtypes.set(pattern.kind, dtype);
  }
  return { axes, lead, dtypes };
}

/**
 * Where results differ from what the signature says of them; null when they do not. An axis that no operand names is
 * bound by the first result that has it. A dtype that no operand fixes is free.
 */
export function misfit(signature: Signature, inputs: readonly Tensor[], ys: readonly Tensor[]): string | null {
  const { axes, lead, dtypes } = bind(signature, inputs);
  if (signature.results.length === 0) return null;
  if (signature.results.length !== ys.length) return `${ys.length} results, not ${signature.results.length}`;
  for (const [i, pattern] of signature.results.entries()) {
    const leading = pattern.lead === 'none' ? [] : lead;
    const sizes = pattern.axes.map((name, axis) => {
      const size = axes.get(name) ?? ys[i].shape[leading.length + axis];
      axes.set(name, size);
      return size;
    });
    const expected = [...leading, ...sizes];
    if (ys[i].shape.join() !== expected.join()) return `result ${i} is [${ys[i].shape}], not [${expected}]`;
    const fixed = pattern.kind === 'int32' || pattern.kind === 'bool' ? pattern.kind : dtypes.get(pattern.kind);
    if (pattern.kind !== 'any' && fixed !== undefined && ys[i].dtype !== fixed)
      return `result ${i} is ${ys[i].dtype}, not ${fixed}`;
  }
  return null;
}
