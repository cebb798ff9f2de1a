/** What a caller gets for nonsense: from every public function a result or one of our errors, never an accident inside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as core from '../src/index.ts';
import * as io from '../src/io.ts';
import * as linalg from '../src/linalg.ts';

const { meta, Rng, Tensor, TensorError, tensor, zeros } = core;

/** Things that are an operand or an option to some function, and wrong for most. */
const things = (): readonly unknown[] => [
  tensor([
    [1, 2],
    [3, 4],
  ]),
  tensor([1, Number.NaN, 3]),
  tensor(2),
  tensor([[1, 2]], { dtype: 'float64', requiresGrad: true }),
  tensor([0, 1], { dtype: 'int32' }),
  tensor([true, false]),
  zeros([2, 2], { device: meta }),
  zeros([0, 3]),
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 0, 2, 'x', '', null, undefined, true, 10n, Symbol('s')],
  ...[{}, { axis: Number.NaN }, { axis: 7 }, { axis: 'a' }, { shape: [-1] }, { dtype: 'int7' }, { device: 'gpu' }],
  ...[[], [Number.NaN], [-1], [0], [1, 0], [2, -2], [[1, 2], [3]], () => 1, new Float32Array(2), new Uint8Array(9)],
];

const shown = (args: readonly unknown[]): string =>
  args.map((x) => (x instanceof Tensor ? `${x.dtype}[${x.shape}]` : String(x))).join(', ');

/**
 * `defineOp` is given a record by people who write ops: the compiler holds it to its type. What changes how all later tests compute is
 * given garbage in tensor/simd/threads.test.ts.
 */
const unchecked = new Set(['defineOp', 'setSimd', 'setFma', 'setThreads']);

for (const [entry, names] of Object.entries({ core, io, linalg }))
  test(`every function of ${entry} answers garbage with a named error`, async () => {
    const rng = new Rng(5);
    for (const [name, fn] of Object.entries(names)) {
      if (typeof fn !== 'function' || /^[A-Z]/.test(name) || unchecked.has(name)) continue;
      for (let i = 0; i < 200; i++) {
        const args = Array.from({ length: rng.below(4) }, () => things()[rng.below(things().length)]);
        try {
          await (fn as (...args: readonly unknown[]) => unknown)(...args);
        } catch (error) {
          assert.ok(error instanceof TensorError, `${name}(${shown(args)}): ${error}`);
        }
      }
    }
  });
