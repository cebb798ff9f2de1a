/** When work is divided: much of it, to workers that are awake or worth waking, while that pays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { func } from '../../../src/tensor/simd/assembler.ts';
import { crew, partsFor, setThreads } from '../../../src/tensor/simd/crew.ts';
import { defineFamily } from '../../../src/tensor/simd/family.ts';
import { type Room, theRoom } from '../../../src/tensor/simd/memory.ts';
import { words } from '../../../src/tensor/simd/worker.ts';

const { int32 } = theRoom() as Room;

test('crew: little work stays here, and workers are woken for much of it, at once or in close succession', (context) => {
  const { size } = crew;
  let clock = 1e9;
  context.mock.method(performance, 'now', () => clock);
  const after = (ms: number, ns: number): number => {
    clock += ms;
    return partsFor(ns);
  };
  crew.size = 4;
  try {
    int32[words.asleep] = 0;
    assert.deepEqual([0, 23_000, 25_000, 37_000, 1e12, Number.NaN].map(partsFor), [1, 1, 2, 3, 4, 1], 'awake');
    int32[words.asleep] = 1;
    assert.deepEqual([after(1, 149_000), after(1, 149_000), after(1, 151_000)], [1, 1, 4], 'each by itself');
    assert.deepEqual([after(1, 60_000), after(0.1, 60_000), after(0.1, 60_000), after(0.1, 60_000)], [1, 1, 4, 1]);
    assert.deepEqual([after(1, 23_000), after(1, 60_000), after(0.5, 60_000), after(0.5, 60_000)], [1, 1, 1, 1]);
  } finally {
    crew.size = size;
    int32[words.asleep] = 0;
  }
});

test('crew: where dividing takes longer, one thread goes on for a while, and tries again', async (context) => {
  const nothing = defineFamily(() => [func('nothing', {}, () => [])])('nothing');
  await setThreads(2);
  try {
    crew.run(nothing, 2, () => []);
    let clock = 1e9;
    const step = { ms: 1 };
    // A look at the clock takes this long: the first part as long as one, the job as long as three or more.
    context.mock.method(performance, 'now', () => {
      clock += step.ms;
      return clock;
    });
    assert.equal(partsFor(1e9), 2);
    for (let job = 0; job < 4; job++) crew.run(nothing, 2, () => []);
    assert.equal(partsFor(1e9), 1, 'alone');
    clock += 1000;
    assert.equal(partsFor(1e9), 2, 'again');
    crew.run(nothing, 2, () => []);
    assert.equal(partsFor(1e9), 1, 'at once, when it still takes longer');
  } finally {
    await setThreads(1);
  }
  assert.equal(partsFor(1e9), 1, 'there is one');
});
