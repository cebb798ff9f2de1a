/** Control flow that the assembler makes: blocks, loops, branches to labels, conditions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assemble,
  type Body,
  block,
  br,
  brIf,
  during,
  type Expr,
  func,
  type I32,
  ifElse,
  type Label,
  type Local,
  type Locals,
  loop,
  repeat,
  result,
  select,
  set,
  tee,
} from '../../../src/tensor/simd/assembler.ts';
import { i32 } from '../../../src/tensor/simd/scalar.ts';
import { instances } from '../../harness/instructions.ts';

/** A function of two whole numbers. */
const binary = (
  body: (a: Local<'i32'>, b: Local<'i32'>, locals: Locals) => readonly [...Body[], Expr<'i32'>],
): ((a: number, b: number) => number) => {
  const f = func(
    'f',
    { a: 'i32', b: 'i32' },
    (p, locals) => {
      const code = body(p.a, p.b, locals);
      return [...(code.slice(0, -1) as Body[]), result(code.at(-1) as Expr<'i32'>)];
    },
    'i32',
  );
  const [own, shared] = instances([f]);
  return (a, b) => {
    const found = own.f(a, b) as number;
    assert.equal(shared.f(a, b), found, 'the same on a shared memory');
    return found;
  };
};

const small = fc.integer({ min: -3, max: 12 });
const agree = (f: (a: number, b: number) => number, of: (a: number, b: number) => number): void =>
  fc.assert(fc.property(small, small, (a, b) => assert.equal(f(a, b), of(a, b) | 0)));

test('assembler: blocks, loops and branches', () => {
  agree(
    binary((a, b, locals) => {
      const { sum } = locals({ sum: 'i32' });
      return [during(i32.gtS(a, 0), [set(sum, i32.add(sum, b)), set(a, i32.sub(a, 1))]), sum];
    }),
    (a, b) => Math.max(a, 0) * b,
  );
  agree(
    binary((a, b, locals) => {
      const { sum } = locals({ sum: 'i32' });
      return [repeat([set(sum, i32.add(sum, b)), set(a, i32.sub(a, 1))], i32.gtS(a, 0)), sum];
    }),
    (a, b) => Math.max(a, 1) * b,
  );
  agree(
    binary((a, b, locals) => {
      const { x } = locals({ x: 'i32' });
      return [
        ifElse(i32.ltS(a, b), [set(x, 1), ifElse(i32.eqz(a), set(x, 2), [])], ifElse(i32.eq(a, b), [], set(x, 3))),
        x,
      ];
    }),
    (a, b) => (a < b ? (a === 0 ? 2 : 1) : a === b ? 0 : 3),
  );
  agree(
    binary((a, b) => [select(i32.ltS(a, b), a, b)]),
    Math.min,
  );
  agree(
    binary((a, b, locals) => {
      const { x } = locals({ x: 'i32' });
      return [set(x, i32.mul(tee(a, i32.add(a, 1)), a)), i32.add(x, b)];
    }),
    (a, b) => (a + 1) ** 2 + b,
  );
});

test('assembler: a branch finds its label through any nesting, also past one of the same shape', () => {
  for (let depth = 0; depth < 6; depth++)
    for (let target = 0; target <= depth; target++) {
      const nest = (labels: readonly Label[], x: Local<'i32'>, leave: I32): Body =>
        labels.length <= depth
          ? [
              (labels.length % 2 === 0 ? block : loop)((label) => nest([...labels, label], x, leave)),
              set(x, i32.add(x, 1)),
            ]
          : [block(() => []), brIf(labels[target - (target % 2)], leave)];
      const f = binary((a, b, locals) => {
        const { x } = locals({ x: 'i32' });
        return [nest([], x, i32.eq(a, b)), x];
      });
      agree(f, (a, b) => (a === b ? target - (target % 2) + 1 : depth + 1));
    }
});

test('assembler: a loop starts again from inside, a block is left from inside', () => {
  agree(
    binary((a, b, locals) => {
      const { i, j, count } = locals({ i: 'i32', j: 'i32', count: 'i32' });
      const rows = loop((nextRow) =>
        block((end) => [
          brIf(end, i32.geS(i, a)),
          set(i, i32.add(i, 1)),
          set(j, 0),
          loop((nextColumn) => [
            ifElse(i32.geS(j, b), br(nextRow)),
            set(j, i32.add(j, 1)),
            ifElse(i32.gtS(j, i), br(nextRow), [set(count, i32.add(count, 1)), br(nextColumn)]),
          ]),
        ]),
      );
      return [rows, count];
    }),
    (a, b) => {
      let count = 0;
      for (let i = 1; i <= a; i++) count += Math.max(0, Math.min(i, b));
      return count;
    },
  );
});

test('assembler: a branch to a label that is not around it is an error', () => {
  let inner: Label | null = null;
  const f = func('f', {}, () => [
    block((label) => {
      inner = label;
      return [];
    }),
    block(() => br(inner as unknown as Label)),
  ]);
  assert.throws(() => assemble([f], { shared: false }), /a branch to a label that is not around it/);
});
