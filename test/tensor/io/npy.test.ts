/** `.npy`: every bit comes back, the forms that NumPy writes are read, and a hostile file gets a named error. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DeviceError, DomainError, DTypeError, meta, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { readNpy, writeNpy } from '../../../src/tensor/io/npy.ts';
import { writeNpz } from '../../../src/tensor/io/npz.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { anyTensor, assertNamedOrValid, bitTensors, damaged, moved } from './files.ts';

const ascii = (s: string): Uint8Array => new TextEncoder().encode(s);
/** A `.npy` file with this header. */
function npyOf(header: string, data: Uint8Array = new Uint8Array(0), version: number = 1): Uint8Array {
  const before = version === 1 ? 10 : 12;
  const file = new Uint8Array(before + header.length + data.length);
  file.set([0x93, ...ascii('NUMPY'), version, 0, header.length & 255, header.length >> 8]);
  file.set(ascii(header), before);
  file.set(data, before + header.length);
  return file;
}
const dict = (descr: string, shape: string, fortran: string = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe('.npy', () => {
  test('what is written is read, bit for bit, wherever it lies in memory; the data begins at a multiple of 64', () => {
    fc.assert(
      fc.property(bitTensors, fc.nat(7), (t, shift) => {
        const file = writeNpy(t);
        assertSame(readNpy(moved(file, shift)), t, 'tensor');
        assert.equal((file.length - t.bytes) % 64, 0);
        assert.equal(file[file.length - t.bytes - 1], 10);
      }),
    );
  });

  test("the header is NumPy's own", () => {
    const header = (t: Tensor): string => new TextDecoder('latin1').decode(writeNpy(t).subarray(10, 128)).trimEnd();
    assert.equal(header(tensor(1)), "{'descr': '<f4', 'fortran_order': False, 'shape': (), }");
    assert.equal(header(zeros([3], { dtype: 'float64' })), "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }");
    assert.equal(
      header(zeros([2, 0], { dtype: 'bool' })),
      "{'descr': '|b1', 'fortran_order': False, 'shape': (2, 0), }",
    );
  });

  test('a shape too long for version 1 is written in version 2', () => {
    const t = zeros(new Array<number>(25000).fill(1));
    const file = writeNpy(t);
    assert.equal(file[6], 2);
    assertSame(readNpy(file), t, 'tensor');
  });

  test('big-endian numbers, bytes, column-major order, other quotes and orders of members', () => {
    assertHolds(readNpy(npyOf(dict("'>f4'", '(2,)'), Uint8Array.of(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0))), [1, -2]);
    assertHolds(readNpy(npyOf(dict("'>i4'", '(1,)'), Uint8Array.of(0xff, 0xff, 0xff, 0xfe))), [-2]);
    assertHolds(readNpy(npyOf(dict("'|u1'", '(1,2)'), Uint8Array.of(255, 3), 3)), [[255, 3]]);
    assertHolds(readNpy(npyOf(dict('"|u1"', '(2, 3)', 'True'), Uint8Array.of(1, 2, 3, 4, 5, 6))), [
      [1, 3, 5],
      [2, 4, 6],
    ]);
    assertHolds(readNpy(npyOf("{'shape': (), 'fortran_order': False, 'descr': '<u1'}", Uint8Array.of(9), 2)), 9);
  });

  const bad: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /not a .npy file/],
    ['another magic', npyOf(dict("'<f4'", '(0,)')).with(0, 0), /not a .npy file/],
    ['version 4', npyOf(dict("'<f4'", '(0,)'), undefined, 4), /version 4.0/],
    ['version 1.1', npyOf(dict("'<f4'", '(0,)')).with(7, 1), /version 1.1/],
    ['a header beyond the file', npyOf(dict("'<f4'", '(0,)')).with(9, 1), /ends beyond/],
    ['a huge header', npyOf(dict("'<f4'", '(0,)'), undefined, 2).with(11, 255), /too long/],
    ['no dict', npyOf('[]'), /not a dict/],
    ['an unknown member', npyOf(`${dict("'<f4'", '(0,)').slice(0, -2)}'a': 1}`), /not a dict/],
    ['a member twice', npyOf(`${dict("'<f4'", '(0,)').slice(0, -2)}'shape': (0,)}`), /not a dict/],
    ['no shape', npyOf("{'descr': '<f4', 'fortran_order': False}"), /not a dict/],
    ['a shape that is a number', npyOf(dict("'<f4'", '(3)'), new Uint8Array(12)), /not a dict/],
    ['a negative size', npyOf(dict("'<f4'", '(-1,)')), /not a dict/],
    ['code', npyOf(dict("'<f4'", '(__import__,)')), /not a dict/],
    ['a size beyond 2^53', npyOf(dict("'<f4'", '(9007199254740993,)')), /whole number/],
    ['sizes that overflow', npyOf(dict("'<f4'", '(4294967296, 4294967296)')), /too large/],
    ['too little data', npyOf(dict("'<f4'", '(2,)'), new Uint8Array(7)), /7 bytes of data where \[2\] '<f4' has 8/],
    ['too much data', npyOf(dict("'<f4'", '(1,)'), new Uint8Array(8)), /8 bytes of data/],
    ['a bool of 2', npyOf(dict("'|b1'", '(1,)'), Uint8Array.of(2)), /neither 0 nor 1/],
  ];
  for (const [name, file, message] of bad)
    test(`${name}: refused`, () => assertRefuses(() => readNpy(file), DomainError, 'readNpy', message));

  test('other dtypes are refused by name', () => {
    for (const descr of ['<i8', '<f2', '|O', '<U4', '|f4', '=f4', '<c16', '', 'f4'])
      assertRefuses(() => readNpy(npyOf(dict(`'${descr}'`, '(0,)'))), DTypeError, 'readNpy', /holds '/);
    assertRefuses(() => readNpy(npyOf(dict("[('a', '<f4')]", '(0,)'))), DTypeError, 'readNpy', /records/);
    for (const file of [null, 5, 'abc', [1], {}]) assertRefuses(() => readNpy(file as never), DTypeError, 'readNpy');
  });

  test('random bytes, and good files damaged anywhere, give a named error or a tensor', () => {
    fc.assert(
      fc.property(damaged(bitTensors.map(writeNpy)), (file) =>
        assertNamedOrValid('readNpy', () => anyTensor(readNpy(file))),
      ),
      { numRuns: 300 },
    );
  });
});

test('what cannot be written is refused', () => {
  for (const x of [null, [1], 5]) assertRefuses(() => writeNpy(x as never), DTypeError, 'writeNpy');
  assertRefuses(() => writeNpy(zeros([1], { device: meta })), DeviceError, 'writeNpy');
  assertRefuses(() => writeNpz({ x: zeros([1], { device: meta }) }), DeviceError, 'writeNpz', /'x'/);
  assertRefuses(() => writeNpz({ x: 5 as never }), DTypeError, 'writeNpz', /'x'/);
  assertRefuses(() => writeNpz('x' as never), DTypeError, 'writeNpz');
  assertRefuses(() => writeNpz({ '\udc00': zeros([1]) }), DomainError, 'writeNpz', /well-formed/);
});
