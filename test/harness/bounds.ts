import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pin, scope, unpin } from '../../src/tensor/scope.ts';
import { type Room, roomMark, theRoom } from '../../src/tensor/simd/memory.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import type { BackendCase } from './backend.ts';

/** Elements around a result that are watched. */
const guard = 1 << 14;
const mark = 7;

/**
 * The law of a SIMD kernel that needs no memory of its own: it writes nothing before or behind its results. Those end with the 64 bytes
 * that their last element is in.
 */
export function checkBounds({ name, kernel, calls }: Pick<BackendCase, 'name' | 'kernel' | 'calls'>): void {
  const run = kernel as (inputs: readonly Tensor[], attrs: unknown) => Tensor;
  test(`simd ${name}: writes nothing before or behind its result`, () => {
    fc.assert(
      fc.property(calls, ([inputs, attrs]) => {
        pin(inputs);
        scope(() => {
          const { float32 } = theRoom() as Room;
          const { size } = run(inputs, attrs);
          const before = Tensor.allocate([guard], 'float32');
          before.data.fill(mark);
          const from = roomMark() / 4;
          float32.fill(mark, from, from + size + 2 * guard);
          const y = run(inputs, attrs);
          const end = Math.ceil((y.storage.address / 4 + size) / 16) * 16;
          assert.equal(
            before.data.find((v) => v !== mark),
            undefined,
            'before the result',
          );
          assert.equal(
            float32.subarray(end, end + guard).find((v) => v !== mark),
            undefined,
            'behind the result',
          );
        });
        unpin(inputs);
      }),
    );
  });
}
