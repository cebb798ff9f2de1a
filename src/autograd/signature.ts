import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, type Shape, ShapeError } from '../tensor/errors.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Which dtypes an operand may have. `float` (no mark): float32 or float64, equal in all such operands; `number`: float32,
 * float64 or int32, equal in all such operands; `same`: any one dtype, equal in all such operands; `int32`, `bool`: that
 * one; `any`: not compared.
 */
export type Kind = 'float' | 'number' | 'same' | 'int32' | 'bool' | 'any';

/** Leading axes of an operand: none, `…` (equal in all operands) or `…~` (broadcast together). */
export type Lead = 'none' | 'equal' | 'broadcast';

/** One operand of a signature: `…~ m k`, `b :int32`. */
export interface OperandPattern {
  readonly lead: Lead;
  readonly axes: readonly string[];
  readonly kind: Kind;
}

/** A parsed signature and its compiled checker. */
export interface Signature {
  readonly text: string;
  readonly operands: readonly OperandPattern[];
  /** None when nothing follows the arrow: the results depend on attributes in a way that the signature does not say. */
  readonly results: readonly OperandPattern[];
  /** @throws ShapeError or DTypeError naming `op` and the axis or operand that does not fit */
  check(op: string, inputs: readonly Tensor[]): void;
}

const parsed = new Map<string, Signature>();
const kinds: readonly string[] = ['number', 'same', 'int32', 'bool', 'any'];

/**
 * Parse `'…~ m k, …~ k n -> …~ m n'`: operands and results are separated by commas, axes by spaces; equal names are
 * equal sizes. Nothing after the arrow says nothing about the results. Each text is parsed once.
 * @throws TypeError when the text is malformed
 */
export function signature(text: string): Signature {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const sides = text.split('->');
  if (sides.length !== 2) throw new TypeError(`signature: '${text}' needs one '->'`);
  const [operands, results] = sides.map((side, i) =>
    i === 1 && side.trim() === '' ? [] : side.split(',').map(pattern),
  );
  const made = { text, operands, results, check: compile(text, operands) };
  parsed.set(text, made);
  return made;
}

function pattern(text: string): OperandPattern {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const mark = words.at(-1)?.startsWith(':') ? words.pop()?.slice(1) : undefined;
  if (mark !== undefined && !kinds.includes(mark)) throw new TypeError(`signature: unknown kind ':${mark}'`);
  const lead = words[0] === '…' ? 'equal' : words[0] === '…~' ? 'broadcast' : 'none';
  const axes = lead === 'none' ? words : words.slice(1);
  const odd = axes.find((axis) => !/^\w+$/.test(axis));
  if (odd !== undefined) throw new TypeError(`signature: '${odd}' in '${text.trim()}' is not the name of an axis`);
  return { lead, axes, kind: (mark ?? 'float') as Kind };
}

/** The checker of one signature: axis names become slots, so that a call compares numbers and allocates nothing. */
function compile(text: string, operands: readonly OperandPattern[]): Signature['check'] {
  const names = [...new Set(operands.flatMap((o) => o.axes))];
  const slots = operands.map((o) => o.axes.map((axis) => names.indexOf(axis)));
  const sizes = new Array<number>(names.length);
  return (op, inputs) => {
    if (inputs.length !== operands.length)
      throw new ShapeError(op, `takes ${operands.length} operands (${text})`, shapes(inputs));
    sizes.fill(-1);
    let equalLead: Shape | null = null;
    let wideLead: Shape | null = null;
    for (let i = 0; i < operands.length; i++) {
      const { lead } = operands[i];
      const { shape } = inputs[i];
      const slot = slots[i];
      const leading = shape.length - slot.length;
      if (leading < 0 || (lead === 'none' && leading > 0)) throw rankError(op, text, operands[i], i, inputs);
      for (let axis = 0; axis < slot.length; axis++) {
        const size = shape[leading + axis];
        const seen = sizes[slot[axis]];
        if (seen !== -1 && seen !== size)
          throw new ShapeError(op, `axis '${names[slot[axis]]}' is ${seen} and ${size} in (${text})`, shapes(inputs));
        sizes[slot[axis]] = size;
      }
      if (lead === 'none') continue;
      const own = slot.length === 0 ? shape : shape.slice(0, leading);
      if (lead === 'broadcast') wideLead = wideLead === null ? own : broadcastShapes(op, wideLead, own, inputs);
      else if (equalLead === null) equalLead = own;
      else if (!sameShape(equalLead, own))
        throw new ShapeError(op, `leading axes '…' are [${equalLead}] and [${own}] in (${text})`, shapes(inputs));
    }
    checkKinds(op, operands, inputs);
  };
}

const shapes = (inputs: readonly Tensor[]): Shape[] => inputs.map((x) => x.shape);

function rankError(op: string, text: string, o: OperandPattern, i: number, inputs: readonly Tensor[]): ShapeError {
  const axes = `${o.lead === 'none' ? '' : '… '}${o.axes.join(' ')}`.trim();
  return new ShapeError(op, `operand ${i} should be [${axes}] in (${text})`, shapes(inputs));
}

/** Floats agree among themselves, `number` and `same` operands among themselves; nothing is promoted silently. */
function checkKinds(op: string, operands: readonly OperandPattern[], inputs: readonly Tensor[]): void {
  let float: string | null = null;
  let same: string | null = null;
  for (let i = 0; i < operands.length; i++) {
    const { kind } = operands[i];
    const { dtype } = inputs[i];
    if (kind === 'any' || kind === dtype) continue;
    if (kind === 'float' && !isFloat(dtype))
      throw mismatch(op, `operand ${i} is ${dtype}, and needs float32 or float64`);
    if (kind === 'int32' || kind === 'bool') throw mismatch(op, `operand ${i} is ${dtype}, and needs ${kind}`);
    if (kind === 'number' && dtype === 'bool') throw mismatch(op, `operand ${i} is bool, and needs numbers`);
    const seen: string | null = kind === 'float' ? float : same;
    if (seen !== null && seen !== dtype) throw mismatch(op, `operands are ${seen} and ${dtype}`);
    if (kind === 'float') float = dtype;
    else same = dtype;
  }
}

const mismatch = (op: string, message: string): DTypeError => new DTypeError(op, `${message}: cast one of them`);
