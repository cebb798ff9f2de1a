import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { einsum } from '../../../src/autograd/ops/einsum.ts';
import {
  cast,
  DomainError,
  DTypeError,
  grad,
  gradcheck,
  gradgradcheck,
  meta,
  ShapeError,
  sum,
  Tensor,
  tensor,
  zeros,
} from '../../../src/index.ts';
import { tensors } from '../../harness/arbitraries.ts';
import { leaf } from '../../harness/cases.ts';
import { assertClose, assertHolds, assertRefuses } from '../../harness/compare.ts';
import { anyOperand, survives } from '../../harness/garbage.ts';
import { at, valuesOf } from '../../harness/naive.ts';

/** Labels of an operand: letters, and '.0', '.1' (from the right) for the axes of an ellipsis. */
type Labels = readonly string[];

interface Sum {
  readonly equation: string;
  readonly inputs: readonly Labels[];
  readonly output: Labels;
  readonly operands: readonly Tensor[];
}

const dots = (n: number): Labels => Array.from({ length: n }, (_, i) => `.${n - 1 - i}`);
/** A list of labels as a term of an equation; an ellipsis of no axes is written too. */
const text = (labels: Labels, ellipsis: boolean): string => {
  const from = labels.findIndex((l) => l.startsWith('.'));
  const letters = labels.filter((l) => !l.startsWith('.'));
  const place = from === -1 ? 0 : from;
  return ellipsis ? [...letters.slice(0, place), '...', ...letters.slice(place)].join('') : letters.join('');
};

const letters = ['a', 'b', 'c', 'Z'];
const oneOperand = fc.tuple(
  fc.array(fc.constantFrom(...letters), { maxLength: 3 }),
  fc.option(fc.nat(2), { freq: 3 }),
  fc.nat(3),
);
const sizes = fc.record(
  Object.fromEntries([...letters, '.0', '.1'].map((l) => [l, fc.constantFrom(1, 2, 2, 3, 3, 3, 0)])),
);

/** Equations of one to three operands, with repeated letters, ellipses and axes of size 1, and operands that fit. */
const sums: fc.Arbitrary<Sum> = fc
  .tuple(
    fc.array(oneOperand, { minLength: 1, maxLength: 3 }),
    sizes,
    fc.infiniteStream(fc.nat(7)),
    fc.shuffledSubarray(letters),
    fc.option(fc.nat(4), { freq: 5 }),
  )
  .chain(([terms, size, coins, picked, place]) => {
    const inputs = terms.map(([own, rank, at]) => own.toSpliced(Math.min(at, own.length), 0, ...dots(rank ?? 0)));
    const used = new Set(inputs.flat());
    const wide = dots(Math.max(0, ...terms.map(([, rank]) => rank ?? 0)));
    const some = terms.some(([, rank]) => rank !== null);
    const mine = picked.filter((l) => used.has(l));
    const output = place !== null && some ? mine.toSpliced(Math.min(place, mine.length), 0, ...wide) : mine;
    const left = inputs.map((labels, i) => text(labels, terms[i][1] !== null)).join(',');
    const shapes = inputs.map((labels) =>
      labels.map((l) => (labels.filter((k) => k === l).length === 1 && coins.next().value === 7 ? 1 : size[l])),
    );
    // Where every axis of a label was made 1, the label is 1.
    return fc.tuple(...shapes.map((shape) => tensors(shape))).map((operands) => ({
      equation: `${left}->${text(output, place !== null && some)}`,
      inputs,
      output,
      operands,
    }));
  });

/** The sum over all labels, term by term. */
function naive({ inputs, output, operands }: Sum): Tensor {
  const size = new Map<string, number>();
  for (const [i, labels] of inputs.entries())
    for (const [axis, l] of labels.entries()) {
      const n = operands[i].shape[axis];
      if ((size.get(l) ?? 1) === 1) size.set(l, n);
    }
  const rest = [...size.keys()].filter((l) => !output.includes(l));
  const all = [...output, ...rest];
  const shapeOf = (labels: Labels): number[] => labels.map((l) => size.get(l) as number);
  const values = valuesOf(shapeOf(output), (head) => {
    const terms = valuesOf(shapeOf(rest), (tail) => {
      const index = new Map(all.map((l, i) => [l, [...head, ...tail][i]]));
      return inputs.reduce((product, labels, i) => {
        const own = labels.map((l, axis) => (operands[i].shape[axis] === 1 ? 0 : (index.get(l) as number)));
        return product * at(operands[i], own);
      }, 1);
    });
    return terms.reduce((total, v) => total + v, 0);
  });
  return tensor(values, { shape: shapeOf(output), dtype: 'float64' });
}

test('einsum is the sum over all labels, whatever the equation', () => {
  fc.assert(
    fc.property(sums, (s) => {
      assertClose(einsum(s.equation, ...s.operands), naive(s), 1e-13, s.equation);
    }),
    { numRuns: 400 },
  );
});

test('einsum: gradients and second gradients are central differences', () => {
  fc.assert(
    fc.property(sums, ({ equation, operands }) => {
      const f = (...xs: Tensor[]): Tensor => einsum(equation, ...xs);
      const leaves = operands.map(leaf);
      gradcheck(f, leaves, { fast: true, atol: 1e-5 });
      if (leaves.length > 1) gradgradcheck(f, leaves, { fast: true, atol: 1e-5 });
    }),
    { numRuns: 60 },
  );
});

test('einsum agrees in float32, and on meta knows the shape', () => {
  fc.assert(
    fc.property(sums, ({ equation, operands }) => {
      const y = einsum(equation, ...operands);
      const single = einsum(equation, ...operands.map((x) => cast(x, 'float32')));
      assert.equal(single.dtype, 'float32');
      assertClose(cast(single, 'float64'), y, 2e-6, equation);
      const shadow = einsum(equation, ...operands.map((x) => Tensor.allocate(x.shape, x.dtype, meta)));
      assert.deepEqual([shadow.shape, shadow.device.name], [y.shape, 'meta']);
    }),
  );
});

const a = tensor([
  [1, 2],
  [3, 4],
]);
const v = tensor([10, 100]);

test('einsum by hand: products, transposes, traces, diagonals, sums', () => {
  assertHolds(einsum('ij,jk->ik', a, a), [
    [7, 10],
    [15, 22],
  ]);
  assertHolds(einsum('ij->ji', a), [
    [1, 3],
    [2, 4],
  ]);
  assertHolds(einsum('ii->', a), 5);
  assertHolds(einsum('ii->i', a), [1, 4]);
  assertHolds(einsum('ij->', a), 10);
  assertHolds(einsum('i,i->', v, v), 10100);
  assertHolds(einsum('i,j->ij', v, tensor([1, 2])), [
    [10, 20],
    [100, 200],
  ]);
  assertHolds(einsum('ij,j,i->', a, v, v), 100 + 2000 + 3000 + 40000);
  assertHolds(einsum('iii->i', zeros([2, 2, 2])), [0, 0]);
});

test('einsum without an arrow: the letters that stand once, in the order of the alphabet, capitals first', () => {
  const x = zeros([2, 3, 4, 5]);
  assert.deepEqual(einsum('dcba', x).shape, [5, 4, 3, 2]);
  assert.deepEqual(einsum('bAcB', x).shape, [3, 5, 2, 4]);
  assertHolds(einsum('ij,jk', a, a), einsum('ij,jk->ik', a, a).toArray());
  assertHolds(einsum('ji', a), einsum('ij->ji', a).toArray());
  assertHolds(einsum('ii', a), 5);
  assert.deepEqual(einsum('...b,b...', zeros([2, 3]), zeros([3, 1])).shape, [2]);
  assert.deepEqual(einsum(' i j , j k -> k i ', a, a).shape, [2, 2]);
});

test('einsum: an ellipsis broadcasts from the right; left out of the result it is summed', () => {
  assert.deepEqual(einsum('...ij,...jk->...ik', zeros([5, 1, 2, 3]), zeros([4, 3, 6])).shape, [5, 4, 2, 6]);
  assert.deepEqual(einsum('i...->...i', zeros([2, 3, 4])).shape, [3, 4, 2]);
  assertHolds(einsum('...i->i', a), [4, 6]);
  assertHolds(einsum('...,...->...', a, v), [
    [10, 200],
    [30, 400],
  ]);
});

test('einsum of the identity is a new tensor with a gradient of ones', () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  const y = einsum('ij->ij', x);
  assert.notEqual(y, x);
  assertHolds(grad(sum(y), [x])[0], [[1, 1]]);
});

test('einsum: equations that are not one raise DomainError, ones that do not fit ShapeError', () => {
  for (const [bad, why] of [
    ['ij->ij->ij', /more than one/],
    ['i.j->ij', /not a list of letters/],
    ['i..j', /not a list of letters/],
    ['......', /not a list of letters/],
    ['i1->i', /not a list of letters/],
    ['ij->ijk', /'k' stands in the result/],
    ['ij->ii', /twice in the result/],
    ['ij-ji', /not a list of letters/],
  ] as const)
    assertRefuses(() => einsum(bad, a), DomainError, 'einsum', why);
  assertRefuses(() => einsum(7 as unknown as string, a), DomainError, 'einsum', /a text such as/);
  assertRefuses(() => einsum('ij,jk', a), ShapeError, 'einsum', /has 2 operands/);
  assertRefuses(() => einsum(''), ShapeError, 'einsum', /at least one/);
  assertRefuses(() => einsum('ijk', a), ShapeError, 'einsum', /operand 0 does not have the axes of 'ijk'/);
  assertRefuses(() => einsum('i', a), ShapeError, 'einsum');
  assertRefuses(() => einsum('i...jk', a), ShapeError, 'einsum');
  assertRefuses(() => einsum('ij,jk', a, zeros([3, 2])), ShapeError, 'einsum', /axis 'j' is 2 and 3/);
  assertRefuses(() => einsum('ii', zeros([1, 3])), ShapeError, 'einsum', /axis 'i' is 1 and 3/);
  assertRefuses(() => einsum('...,...', zeros([2]), zeros([3])), ShapeError, 'einsum');
  assertRefuses(() => einsum('ij', cast(a, 'int32')), DTypeError, 'einsum', /int32/);
  assertRefuses(() => einsum('ij,ij', a, cast(a, 'float64')), DTypeError, 'einsum', /float32 and float64/);
});

test('einsum survives garbage', () => {
  const equations = fc.oneof(
    fc.constantFrom<unknown>('ij,jk', 'i', '...', 'ii->', null, 3, ',', '->'),
    fc.stringMatching(/^[ij.,> -]{0,6}$/),
  );
  survives('einsum', einsum, equations, anyOperand, anyOperand);
  survives('einsum', einsum, equations, anyOperand);
});
