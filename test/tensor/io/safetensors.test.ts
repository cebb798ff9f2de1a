/** safetensors: every bit comes back, equal inputs give equal bytes, and a hostile file gets a named error. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DeviceError, DomainError, DTypeError, meta, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../../src/tensor/io/safetensors.ts';
import { assertHolds, assertRefuses, assertSame } from '../../harness/compare.ts';
import { anyTensor, assertNamedOrValid, damaged, moved, records } from './files.ts';

const op = 'readSafetensors';
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** A file with this header, as text or as a value, and `length` zero bytes of data. */
function fileOf(header: unknown, length: number = 0, headerLength?: number): Uint8Array {
  const head =
    typeof header === 'string' ? text(header) : header instanceof Uint8Array ? header : text(JSON.stringify(header));
  const file = new Uint8Array(8 + head.length + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength ?? head.length), true);
  file.set(head, 8);
  return file;
}

const entry = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('what is written is read', () => {
  test('every dtype, shape and bit, NaN payloads and −0 too, under any name, wherever the file lies in memory', () => {
    fc.assert(
      fc.property(records, fc.nat(7), (record, shift) => {
        const file = writeSafetensors(record, { metadata: { a: 'ä', b: '' } });
        const { tensors, metadata } = readSafetensors(moved(file, shift));
        assert.deepEqual([...tensors.keys()].sort(), [...record.keys()].sort());
        for (const [name, t] of tensors) assertSame(t, record.get(name) as Tensor, name);
        assert.deepEqual(
          [...metadata],
          [
            ['a', 'ä'],
            ['b', ''],
          ],
        );
        assert.deepEqual(writeSafetensors(record, { metadata: { a: 'ä', b: '' } }), file);
      }),
    );
  });

  test('data is a copy, begins at a multiple of 8, and wide elements come first', () => {
    const t = tensor([1, 2]);
    const file = writeSafetensors({ mask: tensor([true]), t, wide: zeros([1], { dtype: 'float64' }) });
    const header = new DataView(file.buffer).getUint32(0, true);
    assert.equal(header % 8, 0);
    assert.equal(file.length, 8 + header + 8 + 8 + 1);
    const { tensors } = readSafetensors(file);
    assert.deepEqual([...tensors.keys()], ['wide', 't', 'mask']);
    file.fill(0, 8 + header);
    assertHolds(tensors.get('t') as Tensor, [1, 2]);
  });

  test('U8: written on request from int32 and bool, read as int32', () => {
    const record = { pixels: tensor([[0, 255, 7]], { dtype: 'int32' }), mask: tensor([true, false]) };
    const { tensors } = readSafetensors(writeSafetensors(record, { u8: ['pixels', 'mask'] }).buffer as ArrayBuffer);
    assertSame(tensors.get('pixels') as Tensor, record.pixels, 'pixels');
    assertSame(tensors.get('mask') as Tensor, tensor([1, 0], { dtype: 'int32' }), 'mask');
  });

  test('nothing at all, and metadata alone', () => {
    assert.deepEqual(readSafetensors(writeSafetensors({})), { tensors: new Map(), metadata: new Map() });
    assert.deepEqual([...readSafetensors(writeSafetensors({}, { metadata: { a: 'b' } })).metadata], [['a', 'b']]);
  });
});

describe('what cannot be written is refused', () => {
  const w = 'writeSafetensors';
  const x = tensor([1]);
  const refusals: [string, () => unknown, typeof DomainError | typeof DTypeError | typeof DeviceError, RegExp][] = [
    ['no record', () => writeSafetensors(null as never), DTypeError, /names with their values/],
    ['a list', () => writeSafetensors([x] as never), DTypeError, /names with their values/],
    ['no tensor', () => writeSafetensors({ x: [1] as never }), DTypeError, /'x' is not a tensor/],
    ['no values', () => writeSafetensors({ x: zeros([1], { device: meta }) }), DeviceError, /'x' lives on 'meta'/],
    ['half a character', () => writeSafetensors({ '\ud800': x }), DomainError, /well-formed/],
    ['__proto__', () => writeSafetensors(new Map([['__proto__', x]])), DomainError, /__proto__/],
    ['__metadata__', () => writeSafetensors({ __metadata__: x }), DomainError, /the format's own/],
    ['metadata of numbers', () => writeSafetensors({ x }, { metadata: { n: 1 as never } }), DomainError, /'n' is not/],
    ['metadata of lists', () => writeSafetensors({ x }, { metadata: [] as never }), DTypeError, /names with/],
    ['U8 of a float', () => writeSafetensors({ x }, { u8: ['x'] }), DTypeError, /'x' is float32/],
    ['U8 of 256', () => writeSafetensors({ x: tensor([256], { dtype: 'int32' }) }, { u8: ['x'] }), DomainError, /256/],
    ['U8 of nothing', () => writeSafetensors({ x }, { u8: ['y'] }), DomainError, /'y' in u8/],
    ['U8 of no list', () => writeSafetensors({ x }, { u8: 5 as never }), DTypeError, /u8 is a list/],
  ];
  for (const [name, fn, kind, message] of refusals) test(name, () => assertRefuses(fn, kind, w, message));
});

describe('a hostile file is refused, and the error says what is wrong', () => {
  const twice =
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}';
  const inner = '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const files: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /0 bytes has no header length/],
    ['seven bytes', new Uint8Array(7), /7 bytes/],
    ['a length beyond the file', fileOf({}, 0, 1000), /ends beyond the file/],
    ['a huge length', fileOf({}, 0, 2 ** 52), /too long/],
    ['the largest length', new Uint8Array(16).fill(255), /too long/],
    ['not UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), /not UTF-8/],
    ['a byte order mark', fileOf('\ufeff{}'), /does not begin with '{'/],
    ['a space first', fileOf(' {}'), /does not begin with '{'/],
    ['no header', fileOf(''), /does not begin with '{'/],
    ['a list', fileOf('[]'), /does not begin with '{'/],
    ['not JSON', fileOf('{"a":}'), /not JSON/],
    ['more than JSON', fileOf('{}{}'), /not JSON/],
    ['deep nesting', fileOf(`{"a":${'['.repeat(200000)}`), /not JSON/],
    ['a name twice', fileOf(twice, 4), /names "a" twice/],
    ['a member twice', fileOf(inner, 4), /names "dtype" twice/],
    ['__proto__', fileOf('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4), /__proto__/],
    ['half a character', fileOf('{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4), /well-formed/],
    ['an entry that is no object', fileOf({ a: 5 }), /'a' is not an object/],
    ['an entry that is a list', fileOf({ a: [] }), /'a' is not an object/],
    ['an unknown member', fileOf({ a: { ...(entry([1], 0, 4) as object), b: 1 } }, 4), /unknown member 'b'/],
    [
      '__proto__ as a member',
      fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"__proto__":{}}}', 4),
      /unknown member/,
    ],
    ['no dtype', fileOf({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /dtype is not text/],
    ['no shape', fileOf({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /shape is not a list/],
    ['a negative size', fileOf({ a: entry([-1], 0, 4) }, 4), /whole number >= 0, got -1/],
    ['half an element', fileOf({ a: entry([0.5], 0, 2) }, 2), /whole number/],
    ['a size that is text', fileOf({ a: entry(['1'], 0, 4) }, 4), /whole number/],
    ['minus zero', fileOf('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}'), /whole number/],
    [
      'a size beyond 2^53',
      fileOf('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4),
      /whole number/,
    ],
    ['sizes that overflow', fileOf({ a: entry([2 ** 32, 2 ** 32], 0, 4) }, 4), /too large/],
    ['sizes that overflow to 0', fileOf({ a: entry([2 ** 32, 2 ** 32, 0], 0, 0) }), /too large/],
    ['no offsets', fileOf({ a: { dtype: 'F32', shape: [1] } }, 4), /data_offsets are two/],
    ['three offsets', fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4), /data_offsets are two/],
    ['a negative offset', fileOf({ a: entry([1], -4, 0) }, 4), /data_offsets are two/],
    ['half an offset', fileOf({ a: entry([1], 0.5, 4.5) }, 8), /data_offsets are two/],
    ['backwards', fileOf({ a: entry([1], 4, 0) }, 4), /do not hold the 4 bytes/],
    ['the wrong size', fileOf({ a: entry([2], 0, 4) }, 4), /do not hold the 8 bytes of \[2\] F32/],
    ['the wrong width', fileOf({ a: entry([1], 0, 4, 'F64') }, 4), /do not hold the 8 bytes/],
    ['out of bounds', fileOf({ a: entry([2], 0, 8) }, 4), /'a' ends at 8, out of the data's 4/],
    ['overlap', fileOf({ a: entry([2], 0, 8), b: entry([2], 4, 12) }, 12), /'b' overlaps/],
    ['the same bytes twice', fileOf({ a: entry([1], 0, 4), b: entry([1], 0, 4) }, 4), /overlaps/],
    ['a hole', fileOf({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12), /bytes 4 to 8, before 'b'/],
    ['a hole before', fileOf({ a: entry([1], 4, 8) }, 8), /bytes 0 to 4, before 'a'/],
    ['a hole after', fileOf({ a: entry([1], 0, 4) }, 5), /bytes 4 to 5 of the data/],
    [
      'a bool of 2',
      (() => {
        const f = fileOf({ a: entry([1], 0, 1, 'BOOL') }, 1);
        f[f.length - 1] = 2;
        return f;
      })(),
      /neither 0 nor 1/,
    ],
    ['metadata of numbers', fileOf({ __metadata__: { a: 1 } }), /metadata 'a' is not/],
    ['metadata that is a list', fileOf({ __metadata__: ['a'] }), /__metadata__ is not an object/],
    ['metadata that is null', fileOf({ __metadata__: null }), /__metadata__ is not an object/],
    ['metadata of __proto__', fileOf('{"__metadata__":{"__proto__":"x"}}'), /__proto__/],
  ];
  for (const [name, file, message] of files)
    test(name, () => assertRefuses(() => readSafetensors(file), DomainError, op, message));

  test('other dtypes, by name', () => {
    for (const [dtype, size] of [
      ['I64', 8],
      ['F16', 2],
      ['BF16', 2],
      ['U16', 2],
      ['F8_E4M3', 1],
      ['f32', 4],
      ['__proto__', 4],
    ] as const)
      assertRefuses(
        () => readSafetensors(fileOf({ a: entry([1], 0, size, dtype) }, size)),
        DTypeError,
        op,
        new RegExp(`'a' is ${dtype};`),
      );
  });

  test('what is no file', () => {
    for (const file of [null, undefined, 5, 'abc', [1, 2], new Float32Array(4), {}])
      assertRefuses(() => readSafetensors(file as never), DTypeError, op, /Uint8Array/);
  });

  test('empty tensors may share a place, at the end too', () => {
    const file = fileOf(
      { z: entry([0], 4, 4), a: entry([1], 0, 4), b: entry([3, 0], 0, 0), c: entry([0, 2], 4, 4) },
      4,
    );
    assert.deepEqual(
      [...readSafetensors(file).tensors.values()].map((t) => t.size),
      [0, 1, 0, 0],
    );
  });

  test('random bytes, and good files damaged anywhere, give a named error or tensors', () => {
    const good = records.map((record) => writeSafetensors(record, { metadata: { k: 'v' } }));
    fc.assert(
      fc.property(damaged(good), (file) =>
        assertNamedOrValid(op, () => {
          for (const t of readSafetensors(file).tensors.values()) anyTensor(t);
        }),
      ),
      { numRuns: 300 },
    );
  });
});
