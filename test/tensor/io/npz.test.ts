/** `.npz`: what is written is read, and a hostile archive gets a named error before it can fill the memory. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DomainError, type DTypeError, type Tensor, TensorError, tensor, zeros } from '../../../src/index.ts';
import { writeNpy } from '../../../src/tensor/io/npy.ts';
import { readNpz, writeNpz } from '../../../src/tensor/io/npz.ts';
import { crc32, readZip, writeZip } from '../../../src/tensor/io/zip.ts';
import { assertRefuses, assertSame } from '../../harness/compare.ts';
import { anyTensor, assertNamed, damaged, moved, records } from './files.ts';

const ascii = (s: string): Uint8Array => new TextEncoder().encode(s);
const rejects = async (
  file: Uint8Array,
  kind: typeof DomainError | typeof DTypeError,
  message: RegExp,
): Promise<void> => {
  const error: unknown = await readNpz(file).then(
    () => assert.fail(`should be refused: ${message}`),
    (e) => e,
  );
  assertRefuses(
    () => {
      throw error;
    },
    kind,
    'readNpz',
    message,
  );
};

describe('.npz', () => {
  test('what is written is read, bit for bit, in the same order; equal tensors give equal bytes', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(7), async (record, shift) => {
        const file = writeNpz(record);
        const back = await readNpz(moved(file, shift));
        assert.deepEqual([...back.keys()], [...record.keys()]);
        for (const [name, t] of back) assertSame(t, record.get(name) as Tensor, name);
        assert.deepEqual(writeNpz(Object.fromEntries(record)).length, file.length);
      }),
    );
  });

  test('crc32 of "123456789" is the check value of the standard', () => {
    assert.equal(crc32(ascii('123456789')), 0xcbf43926);
    assert.equal(crc32(new Uint8Array(0)), 0);
  });

  const x = tensor([1, 2]);
  const good = writeNpz({ x, y: x });
  /** Where the one entry's directory record begins, in an archive of one entry named `x.npy`. */
  const single = writeNpz({ x });
  const directory = single.length - 22 - 46 - 5;
  const bad: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /not a zip archive/],
    ['cut off', good.slice(0, -1), /not a zip archive/],
    ['bytes before', Uint8Array.of(0, ...good), /not where it says/],
    ['another volume', single.with(single.length - 18, 1), /several volumes/],
    [
      'zip64',
      single
        .with(single.length - 12, 255)
        .with(single.length - 11, 255)
        .with(single.length - 14, 255)
        .with(single.length - 13, 255),
      /several volumes|zip64/,
    ],
    [
      'an entry too many',
      single.with(single.length - 12, 2).with(single.length - 14, 2),
      /entry 1 is not in the directory/,
    ],
    ['an entry too few', single.with(single.length - 12, 0).with(single.length - 14, 0), /more than its entries/],
    ['encrypted', single.with(directory + 8, 1), /encrypted/],
    ['another method', single.with(directory + 10, 12), /method 12/],
    ['another name in its header', single.with(30, 0x79), /another name/],
    ['a wrong checksum', single.with(directory + 16, single[directory + 16] ^ 1), /checksum/],
    ['a changed byte', single.with(directory - 1, single[directory - 1] ^ 1), /checksum/],
    ['a wrong size', single.with(directory + 24, single[directory + 24] ^ 1), /cannot be/],
    ['an entry elsewhere', single.with(directory + 42, 1), /not where the directory says/],
    [
      'twice the same name',
      writeZip(
        'w',
        [0, 1].map(() => ({ name: 'x.npy', bytes: writeNpy(x) })),
      ),
      /twice/,
    ],
    ['something else inside', writeZip('w', [{ name: 'x.txt', bytes: ascii('x') }]), /'x.txt' is not a .npy file/],
    ['.npy that is none', writeZip('w', [{ name: 'x.npy', bytes: ascii('x') }]), /'x.npy' is not a .npy file/],
    ['__proto__', writeZip('w', [{ name: '__proto__.npy', bytes: writeNpy(x) }]), /__proto__/],
  ];
  for (const [name, file, message] of bad) test(`${name}: refused`, () => rejects(file, DomainError, message));

  test('entries that share bytes are refused', async () => {
    const file = writeZip(
      'w',
      ['a', 'b'].map((name) => ({ name: `${name}.npy`, bytes: writeNpy(x) })),
    );
    const second = file.length - 22 - 46 - 5;
    const first = second - 46 - 5;
    await rejects(
      file
        .with(second + 42, 0)
        .with(second + 43, 0)
        .with(second + 46, 0x61)
        .with(first + 46, 0x61),
      DomainError,
      /overlaps/,
    );
  });

  const deflated = async (bytes: Uint8Array, size: number = bytes.length): Promise<Uint8Array> => {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const packed = new Uint8Array(await new Response(stream).arrayBuffer());
    const file = writeZip('w', [{ name: 'x.npy', bytes: packed }]);
    const at = file.length - 22 - 46 - 5;
    const view = new DataView(file.buffer);
    view.setUint16(at + 10, 8, true);
    view.setUint32(at + 16, crc32(bytes), true);
    view.setUint32(at + 24, size, true);
    return file;
  };

  test('deflated entries are read; one that unpacks to more or less than it says is not', async () => {
    const t = zeros([500], { dtype: 'float64' });
    const npy = writeNpy(t);
    assertSame((await readNpz(await deflated(npy))).get('x') as Tensor, t, 'x');
    await rejects(await deflated(npy, npy.length - 1), DomainError, /does not unpack to/);
    await rejects(await deflated(npy, npy.length + 1), DomainError, /does not unpack to/);
    await rejects(await deflated(npy, 2 ** 31), DomainError, /cannot be 2147483648 bytes/);
    const broken = await deflated(npy);
    broken.fill(0xff, 35, 45);
    await rejects(broken, DomainError, /deflated|unpack/);
  });

  test('random bytes, and good archives damaged anywhere, give a named error or tensors', async () => {
    const packed = await deflated(writeNpy(tensor([1, 2, 3])));
    const files = fc.oneof(
      records.map((record) => writeNpz(record)),
      fc.constant(packed),
    );
    const read = async (file: Uint8Array): Promise<void> => {
      for (const t of (await readNpz(file)).values()) anyTensor(t);
    };
    await fc.assert(
      fc.asyncProperty(damaged(files), (file) => read(file).catch((error: unknown) => assertNamed('readNpz', error))),
      { numRuns: 300 },
    );
    for (const file of [null, 5, 'x', {}]) await assert.rejects(readNpz(file as never), TensorError);
    assert.deepEqual(await readZip('w', writeZip('w', [])), []);
  });
});
