/** The rule of an op is the derivative of its value: by differences, by its reference, or by the law it states instead. */
import assert from 'node:assert/strict';
import { GradError, gradcheck, gradgradcheck, Rng, type Tensor, zeros } from '../../src/index.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { type Case, leaf } from './cases.ts';
import { assertClose, assertRefuses } from './compare.ts';
import { type AnyOp, results, run } from './gradients.ts';
import { forEveryCase, type Law, type Subject, surrogates } from './law.ts';

/** Every law about derivatives that applies to the op. */
export function derivativeLaws(subject: Subject): readonly Law[] {
  const { op, differentiable } = subject;
  if (!differentiable) return [undifferentiable(subject)];
  const laws = [firstOrder(subject), op.record.once ? refusesSecond(subject) : secondOrder(subject)];
  if (op.record.reference !== undefined) laws.push(agreesWithReference(subject));
  if (op.record.surrogate !== undefined) laws.push(keepsSurrogateLaw(subject));
  return laws;
}

/** The op as a function of its operands, and operands that require a gradient where the rule is the derivative. */
function differenced(subject: Subject, { inputs, attrs }: Case): [(...xs: Tensor[]) => Tensor, Tensor[]] {
  const apart = surrogates(subject, attrs);
  const leaves = inputs.map(leaf);
  for (const i of apart) leaves[i].requiresGrad = false;
  return [(...xs) => subject.result(results(subject.op, { inputs: xs, attrs })), leaves];
}

const firstOrder = (subject: Subject): Law =>
  forEveryCase('the rule is the central difference, in float64', subject.cases, (c, probe) => {
    const [fn, leaves] = differenced(subject, c);
    if (leaves.some((x) => x.requiresGrad))
      gradcheck(fn, leaves, { fast: true, rng: new Rng(probe), ...subject.difference });
  });

const secondOrder = (subject: Subject): Law =>
  forEveryCase('the rule can be differentiated: second order is the central difference', subject.cases, (c, probe) => {
    const [fn, leaves] = differenced(subject, c);
    // A rule may take another way where it is recorded: to the same gradient.
    const [plain, recorded] = [false, true].map((createGraph) =>
      run(subject.op, c, { probe, result: subject.result, createGraph }),
    );
    for (const [i, dx] of recorded.gradients.entries())
      assertClose(dx, plain.gradients[i], 1e-11, `gradient of operand ${i} under createGraph`);
    if (leaves.some((x) => x.requiresGrad))
      gradgradcheck(fn, leaves, { fast: true, rng: new Rng(probe), ...subject.difference });
  });

const refusesSecond = ({ op, name, cases, result }: Subject): Law =>
  forEveryCase('a second derivative is refused by name', cases, (c, probe) => {
    assertRefuses(() => run(op, c, { probe, result, createGraph: true }), GradError, name, /no second derivative/);
  });

/** The op whose value is its reference, and whose rules are those of the ops the reference is made of. */
function referenceOf(op: AnyOp): AnyOp {
  const reference = op.record.reference as NonNullable<typeof op.record.reference>;
  const call = (...args: readonly unknown[]): Tensor => {
    const listed = op.record.arity === 'list';
    const count = listed ? 1 : (op.record.arity as number);
    return reference((listed ? args[0] : args.slice(0, count)) as readonly Tensor[], args[count] ?? {});
  };
  return Object.assign(call, { record: op.record });
}

const agreesWithReference = (subject: Subject): Law =>
  forEveryCase('value and gradients are those of the reference', subject.cases, (c, probe) => {
    const { op, result } = subject;
    const [mine, other] = [op, referenceOf(op)].map((f) => run(f, c, { probe, result }));
    assertClose(mine.ys[0], other.ys[0], 1e-12, 'value');
    const apart = surrogates(subject, c.attrs);
    for (const [i, dx] of mine.gradients.entries())
      if (!apart.includes(i)) assertClose(dx, other.gradients[i], 1e-12, `gradient of operand ${i}`);
  });

/** Gradients by the reference, or by the op's own rule under attributes that make it the derivative. */
function truth({ op, plain, result }: Subject, c: Case, probe: number): readonly (Tensor | null)[] {
  if (plain !== null) return run(op, { inputs: c.inputs, attrs: plain(c.attrs) }, { probe, result }).gradients;
  assert.ok(op.record.reference, 'a surrogate needs a reference, or the option `plain`');
  return run(referenceOf(op), c, { probe, result }).gradients;
}

const orZeros = (gradients: readonly (Tensor | null)[], inputs: readonly Tensor[]): readonly Tensor[] =>
  gradients.map(
    (g, i) => g ?? zeros(inputs[i].shape, { dtype: isFloat(inputs[i].dtype) ? inputs[i].dtype : 'float64' }),
  );

function keepsSurrogateLaw(subject: Subject): Law {
  const { op, cases, result } = subject;
  const surrogate = op.record.surrogate as NonNullable<typeof op.record.surrogate>;
  const applies = cases.filter((c) => surrogate.when(c.attrs));
  return forEveryCase(`the surrogate rule keeps its law (${surrogate.source})`, applies, (c, probe) => {
    const { gradients } = run(op, c, { probe, result });
    const exact = truth(subject, c, probe);
    for (const [i, dx] of gradients.entries())
      if (!surrogate.operands.includes(i)) assertClose(dx, exact[i], 1e-12, `gradient of operand ${i}`);
    const pairs = surrogate.law(orZeros(gradients, c.inputs), orZeros(exact, c.inputs), c.inputs);
    for (const [i, [left, right]] of pairs.entries()) assertClose(left, right, 1e-12, `pair ${i}`);
  });
}

const undifferentiable = ({ op, cases }: Subject): Law =>
  forEveryCase('it is not differentiable: its results require no gradient', cases, (c) => {
    assert.equal(op.record.keeps, undefined, 'something is kept for a rule that does not exist');
    for (const y of results(op, { inputs: c.inputs.map(leaf), attrs: c.attrs }))
      assert.ok(!y.requiresGrad && y.node === null);
  });
