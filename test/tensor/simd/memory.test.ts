/** The memory of the SIMD kernels: what scopes reserve and give back at once, and what pinned buffers hold one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, type DType, newData } from '../../../src/tensor/dtype.ts';
import {
  codeBytes,
  constantsAt,
  controlAt,
  freePinned,
  heapAt,
  pinnedPlace,
  type Room,
  reserve,
  reserveBytes,
  rewind,
  roomMark,
  roomUse,
  theRoom,
} from '../../../src/tensor/simd/memory.ts';
import { mostArgs, mostParts, partAt, words } from '../../../src/tensor/simd/worker.ts';
import { Storage } from '../../../src/tensor/storage.ts';

const room = theRoom() as Room;
const dtypes = fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool');
const wishes = fc.array(fc.tuple(dtypes, fc.nat(300), fc.boolean()), { maxLength: 20 });

/** Run, and forget what was reserved. */
function reserving(fn: () => void): void {
  const mark = roomMark();
  try {
    fn();
  } finally {
    rewind(mark);
  }
}

/** Run where no stretch between pinned buffers is free: what other tests gave back is taken meanwhile. */
function withoutHoles(fn: () => void): void {
  const held: number[] = [];
  for (let before = roomUse().free; roomUse().free === before; )
    held.push(pinnedPlace(new Storage(new Uint8Array(64)))?.address as number);
  try {
    reserving(fn);
  } finally {
    for (const at of held) freePinned(at, 64);
  }
}

test('memory: what the kernels, the workers and the heap own lies apart', () => {
  assert.ok(constantsAt >= 64, 'addresses of constants are not 0');
  const controls = Object.values(words).map((word) => 4 * word);
  assert.ok(
    controls.every((at) => at >= controlAt && at < 8 * partAt(0)),
    'words before the parts',
  );
  assert.equal(new Set(controls).size, controls.length);
  assert.ok(8 * (partAt(mostParts - 1) + mostArgs + 1) <= heapAt, 'parts before the heap');
  assert.ok(partAt(1) - partAt(0) >= mostArgs + 1, 'a part holds its arguments');
  const { used, free, pinned, bytes } = roomUse();
  assert.ok(heapAt + used + free + pinned + codeBytes <= bytes, 'the rest is what was freed between pinned buffers');
});

test('memory: a reservation begins at a multiple of 64, overlaps no other, and is zero when asked', () => {
  fc.assert(
    fc.property(wishes, (list) =>
      reserving(() => {
        let end = roomMark();
        for (const [dtype, size, zero] of list) {
          const place = reserve(dtype, size, zero);
          assert.ok(place !== null, 'there is room');
          assert.equal(place.address % 64, 0);
          assert.ok(place.address >= end, 'after the one before');
          assert.equal(place.data.length, size);
          assert.equal(place.data.constructor, newData(dtype, 0).constructor);
          assert.equal(place.data.byteOffset, place.address);
          if (zero)
            assert.ok(
              place.data.every((v) => v === 0),
              'zeros',
            );
          end = place.address + size * bytesOf(dtype);
          room.bool.fill(0xee, place.address, place.address + Math.ceil((size * bytesOf(dtype)) / 64) * 64);
          assert.ok(roomMark() >= end && roomMark() < end + 64, 'owned up to the next multiple of 64');
        }
      }),
    ),
  );
});

test('memory: after rewind the same addresses are given again', () => {
  const [first, second] = [0, 1].map(() => {
    const addresses: number[] = [];
    reserving(() => {
      for (const bytes of [1, 64, 65, 0, 1000]) addresses.push(reserveBytes(bytes));
    });
    return addresses;
  });
  assert.deepEqual(second, first);
  assert.deepEqual(
    first.map((at) => at - first[0]),
    [0, 64, 128, 256, 256],
  );
});

test('memory: a full room refuses, counts it, and still has what is left', () =>
  reserving(() => {
    const { refused, free } = roomUse();
    assert.equal(reserveBytes(free + 1), 0);
    assert.equal(roomUse().refused, refused + 1);
    assert.ok(reserveBytes(free - 128) > 0, 'nearly all');
    assert.equal(roomUse().free, 128);
    assert.ok(reserveBytes(128) > 0, 'the rest');
    assert.deepEqual([roomUse().free, roomUse().peak >= free], [0, true]);
    assert.equal(reserveBytes(1), 0);
    assert.ok(reserveBytes(0) > 0, 'nothing fits anywhere');
    assert.equal(roomUse().refused, refused + 2);
  }));

test('memory: tensors leave a sixteenth for copies', () =>
  withoutHoles(() => {
    const { refused, free, bytes } = roomUse();
    assert.ok(reserveBytes(free - bytes / 16 - 128) > 0, 'nearly all that tensors may take');
    assert.equal(reserve('bool', 129, false), null);
    assert.equal(pinnedPlace(new Storage(new Uint8Array(129))), null);
    assert.ok(reserve('float32', 32, true) !== null, 'the rest of it');
    assert.equal(reserve('bool', 1, true), null);
    assert.equal(roomUse().refused, refused + 3);
    assert.equal(roomUse().free, bytes / 16);
  }));

test('memory: pinned stretches never overlap, are used again, and all of it comes back', () => {
  const before = roomUse();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(700)), { maxLength: 60 }), (steps) => {
      const held: { address: number; bytes: number; fill: number; data: Uint8Array }[] = [];
      const release = (nth: number): void => {
        const [{ address, bytes, fill, data }] = held.splice(nth, 1);
        assert.ok(
          data.every((v) => v === fill),
          'nobody else wrote here',
        );
        freePinned(address, bytes);
      };
      for (const [i, [pick, bytes]] of steps.entries()) {
        if (pick < held.length) release(pick);
        const place = pinnedPlace(new Storage(new Uint8Array(bytes)));
        assert.ok(place !== null && place.address % 64 === 0, 'there is room');
        const data = room.bool.subarray(place.address, place.address + Math.ceil(bytes / 64) * 64).fill(i);
        held.push({ address: place.address, bytes, fill: i, data });
        const taken = held.reduce((sum, one) => sum + Math.max(64, Math.ceil(one.bytes / 64) * 64), 0);
        assert.equal(roomUse().pinned - before.pinned, taken);
      }
      for (let i = 5; held.length > 0; i = (7 * i + 3) % 101) release(i % held.length);
      const { free, pinned } = roomUse();
      assert.deepEqual([free, pinned], [before.free, before.pinned]);
    }),
  );
});

test('memory: a stretch that was given back goes to the smallest that fits, before new room is taken', () =>
  withoutHoles(() => {
    const place = (bytes: number): number => pinnedPlace(new Storage(new Uint8Array(bytes)))?.address as number;
    const { free } = roomUse();
    const [a, b, c, d] = [256, 64, 128, 64].map(place);
    freePinned(a, 256);
    freePinned(c, 128);
    assert.equal(place(100), c, 'the smaller of two');
    assert.equal(place(130), a, 'a part of a larger one');
    assert.equal(place(64), a + 192);
    assert.equal(roomUse().free, free - 512);
    for (const [at, bytes] of [
      [b, 64],
      [a, 130],
      [a + 192, 64],
      [c, 100],
      [d, 64],
    ])
      freePinned(at, bytes);
    assert.equal(roomUse().free, free);
    for (const upperFirst of [true, false]) {
      const [upper, lower, guard] = [64, 64, 64].map(place);
      for (const at of upperFirst ? [upper, lower] : [lower, upper]) freePinned(at, 64);
      assert.equal(place(128), lower, 'two that touch are one');
      freePinned(lower, 128);
      freePinned(guard, 64);
      assert.equal(roomUse().free, free);
    }
  }));
