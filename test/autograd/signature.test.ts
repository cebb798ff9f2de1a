import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { signature } from '../../src/autograd/signature.ts';
import { DTypeError, ShapeError, type Tensor, tensor, zeros } from '../../src/index.ts';
import { onGrid } from '../harness/arbitraries.ts';
import { operandsFor } from '../harness/cases.ts';
import { assertRefuses } from '../harness/compare.ts';

const texts = [
  '…~ m k, …~ k n -> …~ m n',
  '… n, k m, k, k n -> … m',
  '… -> …',
  'm n -> m k, k, k n',
  'n n -> n',
  '…, … ->',
  '…~ :same, …~ :same -> …~ :bool',
];

test('a signature parses into operands, results, axes, leads and kinds', () => {
  const { operands, results, text } = signature('…~ m k, … c :any, b :int32 -> k, …~ m :bool');
  assert.equal(text, '…~ m k, … c :any, b :int32 -> k, …~ m :bool');
  assert.deepEqual(operands, [
    { lead: 'broadcast', axes: ['m', 'k'], kind: 'float' },
    { lead: 'equal', axes: ['c'], kind: 'any' },
    { lead: 'none', axes: ['b'], kind: 'int32' },
  ]);
  assert.deepEqual(results, [
    { lead: 'none', axes: ['k'], kind: 'float' },
    { lead: 'broadcast', axes: ['m'], kind: 'bool' },
  ]);
  assert.deepEqual(signature('… ->').results, []);
  assert.equal(signature('… ->'), signature('… ->'));
});

test('a malformed signature is a TypeError that shows it', () => {
  for (const [text, message] of [
    ['m k', /needs one '->'/],
    ['m -> k -> n', /needs one '->'/],
    ['m :int64 -> m', /unknown kind ':int64'/],
    ['m … -> m', /'…' in 'm …'/],
    ['… … -> m', /'…' in '… …'/],
    ['…m -> m', /'…m'/],
    [':int32 m -> m', /':int32'/],
    ['m-k -> m', /'m-k'/],
  ] as const)
    assert.throws(
      () => signature(text),
      (error) => error instanceof TypeError && message.test(error.message),
      text,
    );
});

test('operands made for a signature fit it', () => {
  for (const text of texts) {
    const parsed = signature(text);
    fc.assert(fc.property(operandsFor(parsed, onGrid, { min: 0, max: 3 }), (inputs) => parsed.check('f', inputs)));
  }
});

const shapesOf = (...shapes: readonly (readonly number[])[]): Tensor[] => shapes.map((s) => zeros(s));

test('the error names the op, the axis and both sizes, and shows the shapes', () => {
  const spectral = signature('… n, k m, k, k n -> … m');
  assertRefuses(
    () => spectral.check('spectralLinear', shapesOf([2, 3], [6, 4], [5], [3, 5])),
    ShapeError,
    'spectralLinear',
    /^spectralLinear: axis 'k' is 6 and 5 in \(… n, k m, k, k n -> … m\), got \[2,3\] · \[6,4\] · \[5\] · \[3,5\]$/,
  );
  spectral.check('spectralLinear', shapesOf([2, 3], [6, 4], [6], [6, 3]));
});

test('one axis named twice in one operand must have one size', () => {
  assertRefuses(() => signature('n n -> n').check('f', shapesOf([2, 3])), ShapeError, 'f', /axis 'n' is 2 and 3/);
});

test('a call leaves nothing behind for the next one', () => {
  const product = signature('…~ m k, …~ k n -> …~ m n');
  assertRefuses(() => product.check('f', shapesOf([2, 3], [4, 5])), ShapeError, 'f');
  product.check('f', shapesOf([7, 4], [4, 5]));
  product.check('f', shapesOf([1, 9], [9, 1]));
});

test('leading axes: … are equal, …~ broadcast, none are forbidden', () => {
  const equal = signature('… n, … n -> …');
  equal.check('f', shapesOf([2, 3, 4], [2, 3, 4]));
  assertRefuses(() => equal.check('f', shapesOf([2, 3, 4], [3, 4])), ShapeError, 'f', /leading axes/);
  const wide = signature('…~ n, …~ n -> …~ n');
  wide.check('f', shapesOf([2, 1, 4], [3, 4]));
  assertRefuses(
    () => wide.check('f', shapesOf([2, 4], [3, 4])),
    ShapeError,
    'f',
    /axis -1 of the broadcast is 2 and 3, got \[2,4\] · \[3,4\]/,
  );
  assertRefuses(() => signature('n -> n').check('f', shapesOf([1, 3])), ShapeError, 'f', /operand 0 should be \[n\]/);
  assertRefuses(
    () => signature('… m n -> … n').check('f', shapesOf([3])),
    ShapeError,
    'f',
    /operand 0 should be \[… m n\]/,
  );
});

test('the number of operands is checked', () => {
  for (const few of [[], [[2]], [[2], [2], [2]]])
    assertRefuses(() => signature('…, … -> …').check('f', shapesOf(...few)), ShapeError, 'f', /takes 2 operands/);
});

test('dtypes: float, number, same, one of its own, or any', () => {
  const [f32, f64, int, bool] = (['float32', 'float64', 'int32', 'bool'] as const).map((dtype) =>
    zeros([1], { dtype }),
  );
  const refuses = (text: string, inputs: Tensor[], message: RegExp): void =>
    assertRefuses(() => signature(text).check('f', inputs), DTypeError, 'f', message);
  for (const x of [f32, f64]) signature('…, … -> …').check('f', [x, x]);
  refuses('…, … -> …', [f32, f64], /float32 and float64/);
  refuses('… -> …', [int], /operand 0 is int32/);
  refuses('…, … -> …', [f32, bool], /operand 1 is bool/);
  for (const x of [f32, f64, int]) signature('… :number, … :number -> …').check('f', [x, x]);
  refuses('… :number -> …', [bool], /bool, and needs numbers/);
  refuses('… :number, … :number -> …', [int, f32], /int32 and float32/);
  for (const x of [f32, f64, int, bool]) signature('… :same, … :same -> …').check('f', [x, x]);
  refuses('… :same, … :same -> …', [bool, int], /bool and int32/);
  refuses('…, … :int32 -> …', [f32, f32], /needs int32/);
  refuses('… :bool -> …', [int], /needs bool/);
  signature('… :any, … :any, … -> …').check('f', [bool, int, tensor([1])]);
});
