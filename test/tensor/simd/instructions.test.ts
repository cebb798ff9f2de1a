/** Every instruction that scalar.ts and lanes.ts export is accepted by the engine, and does what its name says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { validates } from '../../../src/tensor/simd/engine.ts';
import * as lanes from '../../../src/tensor/simd/lanes.ts';
import * as scalar from '../../../src/tensor/simd/scalar.ts';
import { bytes, each, lanesAt, type Meaning, moduleOf, out, runnable } from '../../harness/instructions.ts';
import { meanings } from '../../harness/meanings.ts';

const numbers = [
  0, -0, 0.5, -0.5, 1.5, 2.5, -2.5, 1, -1, 3.7, 1e9, -2147483648, 2147483647, 4294967295, 1e20, 3.5e38,
].concat([2 ** 23 + 0.5, 2 ** 52 - 0.5, 1e-45, -1e-40, 5e-324, 1.17549435e-38, Number.NaN, Infinity, -Infinity]);
const integers = [
  0,
  1,
  -1,
  31,
  32,
  127,
  128,
  255,
  -128,
  32767,
  -32769,
  2 ** 31 - 1,
  -(2 ** 31),
  0x7fc00000,
  -(2 ** 23),
];
const bytesOf = (view: Float32Array | Float64Array | Int32Array): number[] => [...new Uint8Array(view.buffer)];
const some = <T>(from: readonly T[], count: number): fc.Arbitrary<T[]> =>
  fc.array(fc.constantFrom(...from), { minLength: count, maxLength: count });
/** 16 bytes: lanes of one kind or another, or anything. */
const operands = fc.oneof(
  some(numbers, 4).map((xs) => bytesOf(new Float32Array(xs))),
  some(numbers, 2).map((xs) => bytesOf(new Float64Array(xs))),
  some(integers, 4).map((xs) => bytesOf(new Int32Array(xs))),
  fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }),
);

/** Rounds once or twice as the engine likes: only exact results are certain. */
const relaxed = 'relaxedMadd';
const groups = Object.entries<object>({ ...scalar, ...lanes });
const namesIn = (name: string, group: object): string[] => (typeof group === 'function' ? [name] : Object.keys(group));
const opOf = (name: string, group: object): never =>
  (typeof group === 'function' ? group : (group as Record<string, unknown>)[name]) as never;

function check({ body, expected }: Meaning, what: string, ...filled: fc.Arbitrary<number[]>[]): void {
  const run = runnable(body);
  fc.assert(
    fc.property(fc.tuple(...filled), fc.integer({ min: -70, max: 70 }), (parts, distance) => {
      bytes.fill(0xaa);
      bytes.set(parts.flat());
      new Int32Array(bytes.buffer)[12] = distance;
      const wanted = expected();
      run();
      const got = new (wanted.constructor as Float32ArrayConstructor)(bytes.buffer, out, wanted.length);
      assert.ok(
        Array.from(wanted, Number).every((x, i) => Object.is(x, Number(got[i]))),
        `${what}: [${got}], expected [${wanted}]`,
      );
    }),
  );
}

for (const [group, value] of groups)
  test(`instructions: ${group}`, () => {
    const names = namesIn(group, value).filter((name) => name !== relaxed);
    assert.deepEqual(
      Object.keys(meanings[group] ?? {}).sort(),
      names.sort(),
      'test/harness/meanings.ts says what each means',
    );
    for (const name of names) {
      const meaning = meanings[group][name];
      const made = typeof meaning === 'function' ? meaning(opOf(name, value)) : meaning;
      for (const shared of [false, true])
        assert.ok(validates(moduleOf(made.body, shared)), `${group}.${name} is refused, shared: ${shared}`);
      check(made, `${group}.${name}`, operands, operands, operands);
    }
  });

test('instructions: relaxedMadd, where the engine has it', (context) => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  const cases = [
    ['f32', lanes.f32x4, (xs: number[]) => new Float32Array(xs), 4],
    ['f64', lanes.f64x2, (xs: number[]) => new Float64Array(xs), 2],
  ] as const;
  for (const [lane, { relaxedMadd }, made, count] of cases) {
    const meaning = each(lane, lane, (a: number, b: number, c: number) => a * b + c)(relaxedMadd);
    if (!validates(moduleOf(meaning.body, false))) {
      context.diagnostic(`${lane}: this engine has none`);
      continue;
    }
    const exact = fc.array(whole, { minLength: count, maxLength: count }).map((xs) => bytesOf(made(xs)));
    check(meaning, `${lane} ${relaxed}`, exact, exact, exact);
  }
});

test('instructions: this law can fail', () => {
  const wrong = each('f32', 'f32', (a: number, b: number) => Math.fround(a + b))(lanes.f32x4.sub);
  assert.throws(() => check(wrong, 'sub', operands, operands), /Property failed/);
  assert.ok(!validates(moduleOf(lanes.v128.zero() as never, false)), 'a value is left over');
  assert.equal(lanesAt('f64', out).length, 2);
});
