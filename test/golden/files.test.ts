/** Files that Python wrote (`fixtures.py`): every bit arrives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arange, DTypeError, type Tensor } from '../../src/index.ts';
import { readNpy } from '../../src/tensor/io/npy.ts';
import { readNpz } from '../../src/tensor/io/npz.ts';
import { readSafetensors } from '../../src/tensor/io/safetensors.ts';
import { assertHolds, assertRefuses, assertSame } from '../harness/compare.ts';
import { bytesOf } from './golden.ts';

const names = ['bytes', 'double', 'nan bits', 'whole', 'truth', 'scalar', 'empty', 'größe'];

function assertKinds(tensors: ReadonlyMap<string, Tensor>): void {
  const of = (name: string): Tensor => tensors.get(name) as Tensor;
  assertHolds(of('bytes'), [0, 1, 127, 255]);
  assertHolds(of('double'), [
    [0.1, -0, 1e308],
    [5e-324, Number.POSITIVE_INFINITY, -1 / 3],
  ]);
  const bits = of('nan bits').data;
  const words = new Uint32Array(bits.buffer, bits.byteOffset, bits.length);
  assert.deepEqual([...words], [0x7fc00001, 0xffc12345, 0x80000000, 0x7f800000]);
  assertHolds(of('whole'), [[-(2 ** 31)], [2 ** 31 - 1]]);
  assertHolds(of('truth'), [true, false, true]);
  assertHolds(of('scalar'), 2.5);
  assert.deepEqual(of('empty').shape, [2, 0, 3]);
  assertHolds(of('größe'), [0, 1, 2]);
  const dtypes = ['int32', 'float64', 'float32', 'int32', 'bool', 'float32', 'float64', 'float32'];
  assert.deepEqual(
    names.map((name) => of(name).dtype),
    dtypes,
  );
}

test('safetensors, where the data of most tensors is not aligned', () => {
  const { tensors, metadata } = readSafetensors(bytesOf('fixtures/kinds.safetensors'));
  assert.deepEqual([...metadata], [['note', 'every dtype']]);
  assert.equal(tensors.size, names.length);
  assertKinds(tensors);
});

test('.npz, stored and deflated', async () => {
  const stored = await readNpz(bytesOf('fixtures/kinds.npz'));
  assert.deepEqual([...stored.keys()], names);
  assertKinds(stored);
  const deflated = await readNpz(bytesOf('fixtures/deflated.npz'));
  assertKinds(deflated);
  const long = deflated.get('long') as Tensor;
  assert.deepEqual([long.shape, long.data.every((v) => v === 0)], [[100, 100], true]);
});

test('.npy: version 2, column-major, big-endian; 64-bit integers are refused by name', () => {
  const table = arange(0, 24, 1, { dtype: 'float64' }).rawView([2, 3, 4]);
  for (const name of ['version2', 'fortran']) assertSame(readNpy(bytesOf(`fixtures/${name}.npy`)), table, name);
  const big = readNpy(bytesOf('fixtures/bigEndian.npy'));
  assert.deepEqual([big.dtype, big.toArray()], ['float32', table.toArray()]);
  assertRefuses(() => readNpy(bytesOf('fixtures/int64.npy')), DTypeError, 'readNpy', /holds '<i8'/);
});
