/** Threads: the same bits, errors that name the kernel, a process that ends; and what the user may switch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceError, DomainError, scope } from '../../../src/index.ts';
import { func, repeat, set, tee } from '../../../src/tensor/simd/assembler.ts';
import { crew, setThreads } from '../../../src/tensor/simd/crew.ts';
import { defineFamily, type Entry } from '../../../src/tensor/simd/family.ts';
import { deviceInfo } from '../../../src/tensor/simd/info.ts';
import { f32x4, v128 } from '../../../src/tensor/simd/lanes.ts';
import { type Room, reserveBytes, rewind, roomMark, theRoom } from '../../../src/tensor/simd/memory.ts';
import { f32, i32 } from '../../../src/tensor/simd/scalar.ts';
import { setFma, setSimd, settings } from '../../../src/tensor/simd/settings.ts';
import { words } from '../../../src/tensor/simd/worker.ts';
import { assertSame } from '../../harness/compare.ts';
import { everything } from '../../harness/scopes.ts';
import { outputOf } from '../../package/process.ts';

const { float32, int32 } = theRoom() as Room;

/**
 * `scale`: x[i] = a·x[i] + b for i < 4·count. `count`: adds 1 to a word. `trap`: reads where no memory is, as soon as all parts of the
 * job are taken, so that each is on a thread of its own.
 */
const toys = defineFamily(({ madd }) => [
  func('scale', { x: 'i32', count: 'i32', a: 'f32', b: 'f64' }, ({ x, count, a, b }, locals) => {
    const { factor, term } = locals({ factor: 'v128', term: 'v128' });
    return [
      [set(factor, f32x4.splat(a)), set(term, f32x4.splat(f32.demote(b)))],
      repeat([v128.store(x, madd(factor, v128.load(x), term)), set(x, i32.add(x, 16))], tee(count, i32.sub(count, 1))),
    ];
  }),
  func('count', { at: 'i32' }, ({ at }) => i32.store(at, i32.add(i32.load(at), 1))),
  func('trap', { at: 'i32', here: 'i32' }, ({ at, here }) => [
    repeat([], i32.and(i32.load(4 * words.job), 255)),
    i32.store(at, i32.load(here)),
  ]),
]);

/** Run with so many threads, and end them. */
async function withThreads<T>(count: number, fn: () => T): Promise<T> {
  const { least } = crew;
  await setThreads(count);
  crew.least = 0;
  try {
    return fn();
  } finally {
    crew.least = least;
    await setThreads(1);
  }
}

/** Reserve, run, forget. */
function reserving<T>(bytes: number, fn: (address: number) => T): T {
  const mark = roomMark();
  try {
    return fn(reserveBytes(bytes));
  } finally {
    rewind(mark);
  }
}

test('threads: every part of every job runs once, with its arguments, whoever takes it', async () => {
  await withThreads(4, () =>
    reserving(1 << 16, (at) => {
      const count = toys('count');
      for (const parts of [1, 2, 3, 4, 9, 64, 65, 200]) {
        int32.fill(0, at >> 2, (at >> 2) + 16 * parts);
        for (let job = 1; job <= 200; job++) crew.run(count, parts, (part) => [at + 64 * part]);
        for (let part = 0; part < parts; part++)
          assert.equal(int32[(at >> 2) + 16 * part], 200, `part ${part} of ${parts}`);
      }
      const scale = toys('scale');
      float32.fill(2, at >> 2, (at >> 2) + 4000);
      crew.run(scale, 4, (part) => [at + 4000 * part, 250, 0.1, 0.25 + part]);
      for (let i = 0; i < 4000; i++) {
        const term = 0.25 + Math.floor(i / 1000);
        assert.ok(Math.abs(float32[(at >> 2) + i] - (2 * Math.fround(0.1) + term)) < 1e-6, `element ${i}`);
      }
    }),
  );
});

test('threads: workers that slept are woken, and do their part', async () => {
  await withThreads(2, () =>
    reserving(1 << 12, (at) => {
      for (const pause of [0, 1, 5, 20]) {
        int32.fill(0, at >> 2, (at >> 2) + 32);
        const end = performance.now() + pause;
        while (performance.now() < end);
        for (let job = 0; job < 3; job++) crew.run(toys('count'), 2, (part) => [at + 64 * part]);
        assert.deepEqual([int32[at >> 2], int32[(at >> 2) + 16]], [3, 3], `after ${pause} ms`);
      }
    }),
  );
});

test('threads: an error in any part is thrown here, names the kernel, and leaves everything working', async () => {
  await withThreads(3, () =>
    reserving(1 << 12, (at) => {
      const trap = toys('trap');
      const nowhere = 2 ** 31 - 8;
      for (const bad of [0, 1, 2]) {
        for (let i = 0; i < 20; i++)
          assert.throws(
            () => crew.run(trap, 3, (part) => [at, part === bad ? nowhere : at]),
            (error: unknown) =>
              error instanceof DeviceError &&
              /^trap: a thread failed: .*memory access out of bounds/.test(error.message),
            `part ${bad}`,
          );
        int32[at >> 2] = 0;
        crew.run(toys('count'), 1, () => [at]);
        assert.equal(int32[at >> 2], 1);
      }
      const tooMany = Array.from({ length: 40 }, () => 0);
      const wide: Entry = { ...trap, run: () => undefined };
      crew.run(wide, 2, () => tooMany);
    }),
  );
});

test('threads: the same bits as one thread, in scopes and outside, for kernels of all kinds', async () => {
  const expected = everything();
  for (const count of [2, 3])
    await withThreads(count, () => {
      const divided = new Set<string>();
      const { run } = crew;
      crew.run = (entry, parts, argsOf) => {
        divided.add(`${entry.module} ${entry.name}`);
        run(entry, parts, argsOf);
      };
      for (const [where, found] of [
        ['outside', everything()],
        ['in a scope', scope(everything)],
      ] as const)
        for (const [i, y] of found.entries()) assertSame(y, expected[i], `result ${i} ${where} with ${count} threads`);
      assert.ok(!deviceInfo().simd || divided.size > 20, `only ${divided.size} kernels were divided`);
      crew.run = run;
    });
});

test('setThreads: waits its turn, ends workers, and refuses what is no number of threads', async () => {
  for (const wrong of [0, -1, 1.5, 65, Number.NaN, '2', null, undefined])
    await assert.rejects(setThreads(wrong as number), DomainError, String(wrong));
  const all = [setThreads(2), setThreads(3), setThreads(1), setThreads(2)];
  assert.equal(crew.size, 1, 'one until they are ready');
  await all[0];
  await Promise.all(all);
  assert.deepEqual([crew.size, deviceInfo().threads], [2, 2]);
  await setThreads(1);
  assert.equal(crew.size, 1);
});

test('setThreads: where memory cannot be shared it says what is needed, and one thread goes on', async () => {
  Object.assign(globalThis, { crossOriginIsolated: false });
  try {
    await assert.rejects(
      setThreads(2),
      (error: unknown) => error instanceof DeviceError && /Cross-Origin-Opener-Policy/.test(error.message),
    );
  } finally {
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
  }
  assert.equal(crew.size, 1);
  await withThreads(2, () => assert.equal(crew.size, 2));
});

const root = new URL('../../../', import.meta.url);
const inProcess = (program: string): Promise<string> => {
  const path = (name: string): string => JSON.stringify(new URL(`src/tensor/simd/${name}.ts`, root).href);
  const imports = `const [{ setThreads, crew }, { setFma, setSimd, settings }, { deviceInfo }] = await Promise.all([import(${path('crew')}), import(${path('settings')}), import(${path('info')})]);`;
  return outputOf(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', `${imports}\n${program}`]);
};

test('threads: a process ends by itself while workers spin or sleep', async () => {
  const program = (wait: string): string => `await setThreads(3); ${wait}; console.log(deviceInfo().threads);`;
  assert.equal(await inProcess(program('')), '3\n');
  assert.equal(await inProcess(program('await new Promise((r) => setTimeout(r, 20))')), '3\n');
});

test('setSimd, setFma: only booleans; deviceInfo says what holds and why', () => {
  for (const wrong of [1, 'on', null, undefined]) {
    assert.throws(() => setSimd(wrong as never), DomainError);
    assert.throws(() => setFma(wrong as never), DomainError);
  }
  const { on, fma } = settings;
  try {
    setSimd(false);
    assert.deepEqual(
      [deviceInfo().simd, deviceInfo().why, deviceInfo().fma],
      [false, 'setSimd(false) switched it off', false],
    );
    setSimd(true);
    assert.deepEqual([deviceInfo().simd, deviceInfo().why], [true, null]);
    setFma(false);
    assert.equal(deviceInfo().fma, false);
  } finally {
    Object.assign(settings, { on, fma });
  }
  const { memory, fallbacks } = deviceInfo();
  assert.ok(memory.bytes > 0 && typeof fallbacks === 'object', 'memory and fallbacks');
});

test('settings of a process: SPECTRAGRAD_SIMD=0, and setFma(true) where it is hidden or offered', async () => {
  const program = `
    const say = () => { const { simd, why, fma } = deviceInfo(); console.log(simd, why, fma, settings.fma); };
    say(); setSimd(true); setFma(true); say(); setFma(false); say();`;
  process.env.SPECTRAGRAD_SIMD = '0';
  try {
    const off = 'false the environment variable SPECTRAGRAD_SIMD is 0 false null';
    assert.equal(await inProcess(program), [off, 'true null true true', 'true null false false', ''].join('\n'));
  } finally {
    delete process.env.SPECTRAGRAD_SIMD;
  }
});
