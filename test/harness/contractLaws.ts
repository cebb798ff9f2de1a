/** What an op promises about shapes and dtypes: what it gives, and what it refuses by name. */
import assert from 'node:assert/strict';
import type { Signature } from '../../src/autograd/signature.ts';
import { allocations, DTypeError, type Shape, ShapeError, type Tensor, zeros } from '../../src/index.ts';
import { type Case, misfit, onMeta, retyped } from './cases.ts';
import { assertRefuses } from './compare.ts';
import { results, run } from './gradients.ts';
import { forEveryCase, type Law, type Subject } from './law.ts';

/** Every law about shapes and dtypes that applies to the op. */
export function contractLaws(subject: Subject): readonly Law[] {
  const laws = [shapesAreKnown(subject)];
  if (subject.signature !== null) laws.push(refusesShapes(subject), refusesDtypes(subject));
  return laws;
}

const shapesAreKnown = (subject: Subject): Law =>
  forEveryCase(
    'results have the shape and dtype that the signature says, and on meta without a byte',
    subject.cases,
    (c, probe) => {
      const signature = subject.signature?.(c.attrs) ?? null;
      for (const variant of signature === null
        ? [c]
        : [c, retyped(c, signature, 'int32'), retyped(c, signature, 'bool')]) {
        if (variant === null) continue;
        const ys = results(subject.op, variant);
        if (signature !== null) assert.equal(misfit(signature, variant.inputs, ys), null);
        sameOnMeta(subject, variant, ys);
      }
      gradientsOnMeta(subject, c, probe);
    },
  );

function sameOnMeta({ op }: Subject, c: Case, ys: readonly Tensor[]): void {
  const before = allocations();
  const shadows = results(op, onMeta(c));
  assert.deepEqual(allocations(), before, 'memory was allocated for meta tensors');
  for (const [i, y] of ys.entries()) {
    const { shape, dtype, device } = shadows[i];
    assert.deepEqual(
      { shape: [...shape], dtype, on: device.name },
      { shape: [...y.shape], dtype: y.dtype, on: 'meta' },
    );
  }
}

function gradientsOnMeta({ op, result, differentiable }: Subject, c: Case, probe: number): void {
  if (!differentiable) return;
  const before = allocations();
  const { gradients } = run(op, onMeta(c), { probe, result });
  assert.deepEqual(allocations(), before, 'memory was allocated for gradients on meta');
  for (const [i, g] of gradients.entries()) if (g !== null) assert.deepEqual([...g.shape], [...c.inputs[i].shape]);
}

/** A list of operands that must be refused. */
interface Wrong {
  readonly inputs: readonly Tensor[];
  readonly why: string;
}

const like = (x: Tensor, shape: Shape): Tensor => zeros(shape, { dtype: x.dtype });

const refusesShapes = ({ strict: op, name, cases, signature }: Subject): Law =>
  forEveryCase(
    'an operand with a wrong axis, or one operand too few, raises ShapeError naming the op',
    cases,
    ({ inputs, attrs }) => {
      const wrong = wrongShapes((signature as NonNullable<typeof signature>)(attrs), inputs);
      for (const { inputs: bad, why } of wrong)
        assertRefuses(() => results(op, { inputs: bad, attrs }), ShapeError, name, new RegExp(why));
      const few = inputs.slice(1);
      if (op.record.arity !== 'list' && few.length > 0) assertRefuses(() => op(...few), ShapeError, name, /operands/);
    },
  );

function wrongShapes({ operands }: Signature, inputs: readonly Tensor[]): readonly Wrong[] {
  const found: Wrong[] = [];
  const change = (i: number, shape: Shape, why: string): void => {
    found.push({ inputs: inputs.with(i, like(inputs[i], shape)), why });
  };
  const leads = (lead: string): number[] => operands.flatMap((o, i) => (o.lead === lead ? [i] : []));
  for (const [i, { axes, lead }] of operands.entries()) {
    const { shape } = inputs[i];
    if (lead === 'none') change(i, [1, ...shape], `operand ${i} should be`);
    if (axes.length > 0) change(i, shape.slice(shape.length - axes.length + 1), `operand ${i} should be`);
    for (const [axis, size] of shape.slice(shape.length - axes.length).entries()) {
      const twice = operands.flatMap((o) => o.axes).filter((other) => other === axes[axis]).length > 1;
      const at = shape.length - axes.length + axis;
      if (twice) change(i, shape.with(at, size + 1), `axis '${axes[axis]}' is`);
    }
    if (lead === 'equal' && leads('equal').length > 1) change(i, [2, ...shape], 'leading axes');
  }
  const [p, q] = leads('broadcast');
  if (q !== undefined) {
    const own = (i: number): Shape => inputs[i].shape.slice(inputs[i].rank - operands[i].axes.length);
    const bad = inputs.with(p, like(inputs[p], [3, ...own(p)])).with(q, like(inputs[q], [2, ...own(q)]));
    found.push({ inputs: bad.map((x, i) => (i === p || i === q ? x : like(x, own(i)))), why: 'broadcast' });
  }
  return found;
}

const refusesDtypes = ({ strict: op, name, cases, signature }: Subject): Law =>
  forEveryCase('operands of different or unfit dtypes raise DTypeError naming the op', cases, ({ inputs, attrs }) => {
    for (const bad of wrongDtypes((signature as NonNullable<typeof signature>)(attrs), inputs))
      assertRefuses(() => results(op, { inputs: bad, attrs }), DTypeError, name, /cast/);
  });

function wrongDtypes({ operands }: Signature, inputs: readonly Tensor[]): readonly (readonly Tensor[])[] {
  const found: (readonly Tensor[])[] = [];
  const change = (i: number, dtype: Tensor['dtype']): void => {
    found.push(inputs.with(i, zeros(inputs[i].shape, { dtype })));
  };
  for (const [i, { kind }] of operands.entries()) {
    const several = operands.filter((o) => o.kind === kind).length > 1;
    if (several && ['float', 'number', 'same'].includes(kind)) change(i, 'float32');
    if (kind === 'float') change(i, 'int32');
    if (kind === 'float' || kind === 'number' || kind === 'int32') change(i, 'bool');
    if (kind === 'bool' || kind === 'int32') change(i, 'float64');
  }
  return found;
}
