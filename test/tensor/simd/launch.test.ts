/** How a kernel finds its operands: in the memory, copied as a whole, or block by block, in one part or several. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DisposedError, pin, scope, type Tensor, unpin, zeros } from '../../../src/index.ts';
import { crew } from '../../../src/tensor/simd/crew.ts';
import type { Entry } from '../../../src/tensor/simd/family.ts';
import { launch, type Share } from '../../../src/tensor/simd/launch.ts';
import { type Room, reserveBytes, roomUse, theRoom } from '../../../src/tensor/simd/memory.ts';

const { float32 } = theRoom() as Room;

/** A kernel in JavaScript: addresses, how many units, params, and scratch. */
const entry = (run: (...args: number[]) => void): Entry => ({
  module: -1,
  index: 0,
  name: 'toy',
  run: (...args) => {
    run(...args);
    return undefined;
  },
});

/** Run as so many threads would divide it, the last part first; `seen` is told what all parts of a job are called with. */
function withParts<T>(parts: number, fn: () => T, seen: (args: readonly (readonly number[])[]) => void = () => {}): T {
  const { size, least, run } = crew;
  Object.assign(crew, {
    size: parts,
    least: 0,
    run: (e: Entry, count: number, argsOf: (part: number) => readonly number[]) => {
      seen(Array.from({ length: count }, (_, part) => argsOf(part)));
      for (let part = count - 1; part >= 0; part--) e.run(...argsOf(part));
    },
  });
  try {
    return fn();
  } finally {
    Object.assign(crew, { size, least, run });
  }
}

/** An operand: what a unit has of it, and where it lies. */
interface Plan {
  readonly step: number;
  readonly whole: boolean;
  readonly pinned: boolean;
  readonly offset: number;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  step: fc.nat(5),
  whole: fc.boolean(),
  pinned: fc.boolean(),
  offset: fc.nat(3),
});

/** A tensor of `size` elements, a part of a larger one, whose other elements are 7. */
function operand({ pinned, offset }: Plan, size: number, first: number): Tensor {
  const all = zeros([offset + size + 3]);
  all.data.fill(7);
  const x = all.rawView([size], offset);
  for (let i = 0; i < size; i++) x.data[i] = first + i;
  if (pinned) pin(x);
  return x;
}

const untouched = ({ storage, offset, size }: Tensor): boolean =>
  [...(storage.data as Float32Array)].every((v, i) => (i >= offset && i < offset + size) || v === 7);

/** What the kernel below makes of unit u: the sum of what it reads of all operands, plus j for element j of the unit. */
const sumOf = (reading: readonly Share[], u: number, at: (share: number, index: number) => number): number => {
  let sum = 0;
  for (const [i, { step }] of reading.entries()) for (let j = 0; j < Math.max(1, step); j++) sum += at(i, u * step + j);
  return sum;
};

/** That kernel, which counts the units, and insists on `42` and on as many arguments as there should be. */
function summing(reading: readonly Share[], writing: readonly Share[], args: number): { entry: Entry; units: number } {
  const shares = reading.length + writing.length;
  const told = { entry: entry(() => {}), units: 0 };
  told.entry = entry((...given) => {
    const units = given[shares];
    assert.deepEqual([given.length, given[shares + 1], units > 0], [args, 42, true]);
    told.units += units;
    for (let u = 0; u < units; u++) {
      const sum = sumOf(reading, u, (i, k) => float32[given[i] / 4 + k]);
      for (const [i, { step }] of writing.entries())
        for (let j = 0; j < step; j++) float32[given[reading.length + i] / 4 + u * step + j] = sum + j;
    }
  });
  return told;
}

interface Setup {
  readonly ins: readonly Plan[];
  readonly outs: readonly Plan[];
  readonly count: number;
  readonly grain: number;
  readonly scratch: number;
  readonly parts: number;
}

const setups: fc.Arbitrary<Setup> = fc.record({
  ins: fc.array(plans, { minLength: 1, maxLength: 3 }),
  outs: fc.array(
    plans.map((p) => ({ ...p, step: p.step + 1, whole: false })),
    { minLength: 1, maxLength: 2 },
  ),
  count: fc.oneof(fc.nat(40), fc.constantFrom(20_000, 33_333)),
  grain: fc.constantFrom(1, 3, 16),
  scratch: fc.constantFrom(0, 100),
  parts: fc.integer({ min: 1, max: 4 }),
});

test('launch: every unit is computed once, from its operands, wherever they lie, in blocks and parts', () => {
  const holds = ({ ins, outs, count, grain, scratch, parts }: Setup): void => {
    const reading = ins.map(({ step, whole, ...plan }, i): Share => {
      const tensor = operand({ step, whole, ...plan }, Math.max(1, step * count), 1000 * i);
      return { tensor, step, whole };
    });
    const writing = outs.map((p): Share => ({ tensor: operand(p, p.step * count, -1), step: p.step, write: true }));
    const shares = [...reading, ...writing];
    const kernel = summing(reading, writing, shares.length + 2 + Number(scratch > 0));
    const { used } = roomUse();
    const apart = (args: readonly (readonly number[])[]): void => {
      const spaces = args.map((list) => list.at(-1) as number);
      const clash = spaces.some((at, i) => spaces.some((b, j) => i !== j && Math.abs(at - b) < scratch));
      assert.ok(scratch === 0 || !clash, 'scratch of its own for each part');
    };
    const run = (): boolean => launch(kernel.entry, shares, { count, grain, cost: 1, scratch }, [42]);
    assert.ok(withParts(parts, run, apart), 'there is room');
    assert.deepEqual([kernel.units, roomUse().used], [count, used], 'all units, and no copy is left');
    for (let u = 0; u < count; u++) {
      const sum = sumOf(reading, u, (i, k) => reading[i].tensor.data[k]);
      for (const { tensor, step } of writing)
        for (let j = 0; j < step; j++)
          if (tensor.data[u * step + j] !== Math.fround(sum + j)) assert.fail(`unit ${u}, element ${j}`);
    }
    const tensors = shares.map(({ tensor }) => tensor);
    assert.ok(tensors.every(untouched), 'nothing else is written');
    unpin(tensors);
  };
  fc.assert(fc.property(setups, holds), { numRuns: 60 });
});

/** y[i] = x[i] + 1, telling how many units each part had. */
function increment(parts: number[] = []): Entry {
  return entry((x, y, units) => {
    parts.push(units);
    for (let i = 0; i < units; i++) float32[y / 4 + i] = float32[x / 4 + i] + 1;
  });
}
const both = (x: Tensor, y: Tensor): readonly Share[] => [
  { tensor: x, step: 1 },
  { tensor: y, step: 1, write: true },
];

test('launch: parts begin at multiples of the grain, and little work is not divided', () => {
  const x = zeros([1000]);
  pin(x);
  const partsOf = (count: number, grain: number, size: number, least: number): number[] => {
    const parts: number[] = [];
    const before = crew.least;
    withParts(size, () => {
      crew.least = least;
      launch(increment(parts), both(x, x), { count, grain, cost: 2 });
    });
    assert.equal(crew.least, before);
    return parts.reverse();
  };
  assert.deepEqual(partsOf(1000, 1, 3, 0), [334, 334, 332]);
  assert.deepEqual(partsOf(1000, 16, 3, 0), [336, 336, 328]);
  assert.deepEqual(partsOf(40, 16, 4, 0), [16, 16, 8]);
  assert.deepEqual(partsOf(16, 16, 4, 0), [16]);
  assert.deepEqual(partsOf(1000, 1, 8, 700), [500, 500], 'no more parts than are worth it');
  assert.deepEqual(partsOf(1000, 1, 8, 1001), [1000]);
  withParts(3, () => launch(increment(), both(x, x), { count: 9, cost: 0 }));
  assert.deepEqual([x.data[8] - x.data[9], x.data.length], [1, 1000], 'what costs nothing is done once');
  unpin(x);
});

test('launch: what is copied in blocks is divided when a block is worth it', () => {
  const [x, y] = [zeros([200_000]), zeros([200_000])];
  const largest = (cost: number): number => {
    const parts: number[] = [];
    withParts(2, () => {
      crew.least = 6_000;
      launch(increment(parts), both(x, y), { count: 200_000, cost });
    });
    assert.equal(
      parts.reduce((sum, n) => sum + n, 0),
      200_000,
    );
    return Math.max(...parts);
  };
  assert.equal(largest(1), 1 << 14, '128 KiB of both operands, for each of two');
  assert.equal(largest(0.1), 1 << 14, '128 KiB in all, for one');
  assert.ok(
    y.data.every((v) => v === 1),
    'computed',
  );
});

test('launch: in place, on operands at hand and on copies', () => {
  for (const pinned of [true, false]) {
    const x = zeros([50_000]);
    if (pinned) pin(x);
    for (let i = 0; i < 3; i++) launch(increment(), both(x, x), { count: 50_000, cost: 1 });
    assert.ok(
      x.data.every((v) => v === 3),
      `pinned: ${pinned}`,
    );
    unpin(x);
  }
});

test('launch: without work nothing runs; without room nothing is written, and it says so', () => {
  const [x, y] = [zeros([64]), zeros([64])];
  const never = entry(() => assert.fail('ran'));
  assert.ok(launch(never, both(x, y), { count: 0, cost: 1 }), 'done');
  scope(() => {
    reserveBytes(roomUse().free - 300);
    const { refused, used } = roomUse();
    assert.ok(!launch(never, both(x, y), { count: 64, cost: 1 }), 'one operand fits, not two');
    assert.deepEqual([roomUse().refused, roomUse().used], [refused + 1, used]);
    assert.ok(!launch(never, both(x, y).slice(0, 1), { count: 64, cost: 1, scratch: 64 }), 'no scratch');
    assert.ok(launch(increment(), both(x, y), { count: 32, cost: 1 }), 'less fits');
  });
  assert.deepEqual(
    [...y.data],
    Array.from({ length: 64 }, (_, i) => Number(i < 32)),
  );
});

test('launch: after an error, and for what is gone, the memory is as before', () => {
  const [x, y] = [zeros([64]), zeros([64])];
  const { used } = roomUse();
  const failing = entry(() => {
    throw new RangeError('mine');
  });
  assert.throws(() => launch(failing, both(x, y), { count: 64, cost: 1 }), RangeError);
  const gone = scope(() => {
    const made = zeros([64]);
    return () => made;
  })();
  const wasHere = entry(() => assert.fail('ran'));
  assert.throws(() => launch(wasHere, both(gone, y), { count: 64, cost: 1 }), DisposedError);
  assert.throws(() => launch(increment(), both(x, gone), { count: 64, cost: 1 }), DisposedError);
  assert.equal(roomUse().used, used);
});
