/** Modules that the assembler makes: their numbers, calls, variables and memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assemble, call, func, ifElse, leb, result, set, value } from '../../../src/tensor/simd/assembler.ts';
import { validates } from '../../../src/tensor/simd/engine.ts';
import { f32x4, i32x4, v128 } from '../../../src/tensor/simd/lanes.ts';
import { f32, f64, i32 } from '../../../src/tensor/simd/scalar.ts';
import { instances, memories } from '../../harness/instructions.ts';

/** Where the encoding gets another byte, and the ends. */
const edges = [
  0,
  1,
  63,
  64,
  127,
  128,
  255,
  8191,
  8192,
  16383,
  16384,
  2 ** 20,
  2 ** 27 - 1,
  2 ** 27,
  2 ** 30,
  2 ** 31 - 1,
];

test('assembler: whole numbers keep their value, whatever their length', () => {
  const signed = [...edges, ...edges.map((x) => -x), -65, -(2 ** 31)];
  const f = func(
    'f',
    { which: 'i32' },
    ({ which }, locals) => {
      const { x } = locals({ x: 'i32' });
      return [signed.map((n, i) => ifElse(i32.eq(which, i), set(x, n))), result(x)];
    },
    'i32',
  );
  for (const { f: run } of instances([f]))
    assert.deepEqual(
      signed.map((_, i) => run(i)),
      signed.map((x) => x | 0),
    );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (n) => {
      const bytes = leb(n);
      assert.equal(
        bytes.reduce((sum, byte, i) => sum + (byte & 127) * 2 ** (7 * i), 0),
        n,
      );
      assert.ok(
        bytes.every((byte, i) => byte >= 128 === i < bytes.length - 1),
        'all bytes but the last say that one follows',
      );
      assert.ok(bytes.length === 1 || bytes.at(-1) !== 0, 'no byte too many');
    }),
  );
});

test('assembler: offsets of loads and stores', () => {
  const at = edges.filter((x) => x < 65536 - 4);
  const functions = at.map((offset) =>
    func(`at${offset}`, { x: 'i32' }, ({ x }) => [i32.store(0, x, offset), result(i32.load(0, offset))], 'i32'),
  );
  for (const run of instances(functions))
    for (const offset of at) assert.equal(run[`at${offset}`](offset + 7), offset + 7);
  const { memory } = memories[0];
  assert.equal(new DataView(memory.buffer as ArrayBuffer).getInt32(16384, true), 16391);
});

test('assembler: calls, with any types, through each other, and of functions that are not exported', () => {
  const square = func('square', { x: 'i32' }, ({ x }) => result(i32.mul(x, x)), 'i32');
  const put = func('put', { at: 'i32', v: 'v128', f: 'f32', d: 'f64' }, ({ at, v, f, d }) =>
    v128.store(at, f32x4.replaceLane(v, 0, f32.add(f, f32.demote(d)))),
  );
  const both = func(
    'both',
    { x: 'i32' },
    ({ x }) => [
      call(put, 0, i32x4.splat(value('i32', square, x)), f32.const(1.5), f64.const(2)),
      result(i32.add(value('i32', square, value('i32', square, x)), value('i32', square, 3))),
    ],
    'i32',
  );
  for (const [i, run] of instances([both]).entries()) {
    assert.deepEqual(Object.keys(run), ['both']);
    assert.equal(run.both(-3), 90);
    const words = new Int32Array(memories[i].memory.buffer as ArrayBuffer, 0, 4);
    assert.deepEqual([new Float32Array(words.buffer)[0], ...words.subarray(1)], [3.5, 9, 9, 9]);
  }
  const [run] = instances([both, square, put]);
  assert.deepEqual([Object.keys(run), run.square(5)], [['both', 'square', 'put'], 25]);
});

test('assembler: what many functions call in many places is there once', () => {
  let chain = func('f', { x: 'i32' }, ({ x }) => i32.store(0, i32.add(x, i32.load(0))));
  for (let i = 0; i < 100; i++) {
    const before = chain;
    const [odd, even] = [call(before, i), call(before, 0)];
    chain = func('f', { x: 'i32' }, ({ x }) => [ifElse(i32.and(x, 1), odd, even)]);
  }
  for (const [i, run] of instances([chain]).entries()) {
    const words = new Int32Array(memories[i].memory.buffer as ArrayBuffer);
    words[0] = 40;
    run.f(1);
    assert.equal(words[0], 40);
  }
});

test('assembler: many variables start at zero, and are told apart', () => {
  const count = 300;
  const f = func(
    'f',
    { x: 'i32' },
    ({ x }, locals) => {
      const list = locals.list('i32', count);
      const { last, sum } = locals({ last: 'v128', sum: 'i32' });
      return [
        list.map((local, i) => set(local, i32.add(local, i32.mul(x, i)))),
        set(last, i32x4.splat(list[count - 1])),
        list.map((local) => set(sum, i32.add(sum, local))),
        result(i32.add(sum, i32x4.extractLane(last, 3))),
      ];
    },
    'i32',
  );
  for (const run of instances([f])) assert.equal(run.f(2), 2 * ((count * (count - 1)) / 2 + count - 1));
  const names = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`p${i}`, 'i32' as const]));
  const wide = func('w'.repeat(200), names, (p) => result(i32.sub(p.p129, p.p0)), 'i32');
  const [run] = instances([wide]);
  assert.equal(run['w'.repeat(200)](...Array.from({ length: 130 }, (_, i) => i + 5)), 129);
});

test('assembler: a module without functions, and one that is no module', () => {
  for (const shared of [false, true]) assert.ok(validates(assemble([], { shared })), `shared: ${shared}`);
  assert.deepEqual(
    instances([]).map((run) => Object.keys(run)),
    [[], []],
  );
  const twice = func('f', {}, () => []);
  assert.ok(!validates(assemble([twice, twice], { shared: false })), 'two exports of one name');
  const empty = func('g', {}, () => [[], [[]]]);
  assert.ok(validates(assemble([empty], { shared: false })), 'a function without code');
});

test('assembler: a pattern makes a variable for each of its names, and another pattern makes others', () => {
  const f = func('f', { x: 'f32' }, ({ x }, locals) => {
    const [a, b] = locals.i32;
    const [c] = locals.f64;
    const [d] = locals.i32;
    assert.deepEqual(
      [x, a, b, c, d].map((local) => [local.type, local.index]),
      ['f32', 'i32', 'i32', 'f64', 'i32'].map((type, i) => [type, i]),
    );
    return [];
  });
  assert.deepEqual(f.locals, ['i32', 'i32', 'f64', 'i32']);
});
