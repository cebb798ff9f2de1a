/** What an op promises about its numbers: the same bits every time, the same in float32, operands left alone, empty in, empty out. */
import assert from 'node:assert/strict';
import { type Tensor, tensor } from '../../src/index.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { type Case, inFloat, misfit, onMeta } from './cases.ts';
import { assertClose, assertSame } from './compare.ts';
import { results, run } from './gradients.ts';
import { forEveryCase, type Law, type Subject } from './law.ts';

/** Every law about numbers that applies to the op. */
export function numberLaws(subject: Subject): readonly Law[] {
  const laws = [sameTwice(subject), sameInFloat32(subject), readsOnly(subject)];
  if (subject.empties !== null) laws.push(takesEmpty(subject, subject.empties));
  return laws;
}

function eachPair(
  check: (a: Tensor | null, b: Tensor | null, what: string) => void,
  kind: string,
  as: readonly (Tensor | null)[],
  bs: readonly (Tensor | null)[],
): void {
  assert.equal(as.length, bs.length);
  for (const [i, a] of as.entries()) check(a, bs[i], `${kind} ${i}`);
}

const sameTwice = ({ op, result, cases }: Subject): Law =>
  forEveryCase('two runs give the same bits', cases, (c, probe) => {
    for (const createGraph of op.record.once ? [false] : [false, true]) {
      const [one, two] = [0, 1].map(() => run(op, c, { probe, result, createGraph }));
      eachPair(assertSame, 'result', one.ys, two.ys);
      eachPair(assertSame, 'gradient', one.gradients, two.gradients);
    }
  });

const sameInFloat32 = ({ op, result, cases, tolerance }: Subject): Law =>
  forEveryCase(`float32 agrees with float64 within ${tolerance}`, cases, (c, probe) => {
    const single = inFloat(c, 'float32');
    const [near, exact] = [single, inFloat(single, 'float64')].map((x) => run(op, x, { probe, result }));
    const close = (a: Tensor | null, b: Tensor | null, what: string): void => assertClose(a, b, tolerance, what);
    eachPair(close, 'result', near.ys, exact.ys);
    eachPair(close, 'gradient', near.gradients, exact.gradients);
  });

const copied = (x: Tensor): Tensor => tensor(x.data, { shape: x.shape, dtype: x.dtype });

const readsOnly = ({ op, result, cases }: Subject): Law =>
  forEveryCase('operands are never written to, nor results by the rule', cases, (c, probe) => {
    const before: Tensor[] = [];
    const between = (leaves: readonly Tensor[], ys: readonly Tensor[]): void => {
      before.push(...c.inputs.map(copied), ...ys.map(copied));
      eachPair(assertSame, 'operand', leaves, c.inputs);
    };
    const { leaves, ys } = run(op, c, { probe, result, between, createGraph: !op.record.once });
    eachPair(assertSame, 'operand or result', [...leaves, ...ys], before);
    for (const x of [...leaves, ...ys]) assert.equal(x.storage.version, 0, 'the version of a storage was raised');
  });

const takesEmpty = ({ op, result, signature }: Subject, empties: NonNullable<Subject['empties']>): Law =>
  forEveryCase('empty operands pass through, and an empty result has zero gradients', empties, (c: Case, probe) => {
    const { ys, gradients } = run(op, c, { probe, result });
    const shadows = results(op, onMeta(c));
    for (const [i, y] of ys.entries()) {
      assert.deepEqual([...y.shape], [...shadows[i].shape]);
      assert.equal(y.data.length, sizeOf(y.shape));
    }
    if (signature !== null) assert.equal(misfit(signature(c.attrs), c.inputs, ys), null);
    for (const [i, g] of gradients.entries()) {
      if (g === null) continue;
      assert.deepEqual([...g.shape], [...c.inputs[i].shape]);
      if (ys.every((y) => y.size === 0))
        assert.ok(
          g.data.every((v) => v === 0),
          `gradient ${i} is ${g}`,
        );
    }
  });
