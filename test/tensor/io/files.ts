/** Random tensors down to the bits, and files damaged in every way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type DType, type Tensor, TensorError, tensor } from '../../../src/index.ts';
import { bytesOf } from '../../../src/tensor/dtype.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { shapes } from '../../harness/arbitraries.ts';

/** A tensor of any dtype and shape whose bytes are anything: NaN payloads, denormals and −0 among them. */
export const bitTensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'), shapes({ maxRank: 4, maxSize: 3 }))
  .chain(([dtype, shape]) => {
    const length = sizeOf(shape) * bytesOf(dtype);
    const special = fc.constantFrom(0, 0x80, 0x7f, 0xff);
    const byte = dtype === 'bool' ? fc.nat(1) : fc.oneof(fc.nat(255), special);
    return fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => {
      const t = tensor(new Array<number>(sizeOf(shape)).fill(0), { shape, dtype });
      new Uint8Array(t.data.buffer).set(bytes);
      return t;
    });
  });

const awkward = fc.constantFrom(
  '',
  '0',
  '10',
  '2',
  'a.b.weight',
  '"',
  '\\',
  '{',
  '}:',
  'größe',
  '😀',
  'constructor',
  'x/y',
  '..',
);

/** Tensors under any names that can be kept. */
export const records: fc.Arbitrary<Map<string, Tensor>> = fc
  .dictionary(fc.oneof(awkward, fc.string({ unit: 'grapheme' })), bitTensors, { maxKeys: 4, noNullPrototype: true })
  .map((record) => new Map(Object.entries(record).filter(([name]) => name !== '__proto__' && name !== '__metadata__')));

/** The same bytes in the middle of a larger buffer, `shift` bytes from its start. */
export function moved(bytes: Uint8Array, shift: number): Uint8Array {
  const whole = new Uint8Array(bytes.length + shift + 3).fill(0xaa);
  whole.set(bytes, shift);
  return whole.subarray(shift, shift + bytes.length);
}

type Damage = (file: Uint8Array) => Uint8Array;
const somewhere = fc.double({ min: 0, max: 0.999999, noNaN: true });
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(somewhere, fc.nat(255)).map(
    ([at, byte]): Damage =>
      (f) =>
        f.with(Math.floor(at * f.length), byte),
  ),
  fc.tuple(somewhere, fc.nat(7)).map(
    ([at, bit]): Damage =>
      (f) => {
        const i = Math.floor(at * f.length);
        return f.with(i, f[i] ^ (1 << bit));
      },
  ),
  somewhere.map(
    (at): Damage =>
      (f) =>
        f.slice(0, Math.floor(at * f.length)),
  ),
  fc.tuple(somewhere, fc.uint8Array({ maxLength: 9 })).map(
    ([at, more]): Damage =>
      (f) => {
        const i = Math.floor(at * f.length);
        return Uint8Array.of(...f.subarray(0, i), ...more, ...f.subarray(i));
      },
  ),
);

/** Random bytes, or a good file with up to three of its bytes changed, cut off or added. */
export const damaged = (good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 80 }), weight: 1 },
    {
      arbitrary: fc
        .tuple(good, fc.array(damages, { minLength: 1, maxLength: 3 }))
        .map(([file, each]) =>
          each.reduce<Uint8Array>((f, damage) => (f.length === 0 ? f : damage(f)), new Uint8Array(file)),
        ),
      weight: 4,
    },
  );

/** Fails unless a tensor is whole: as many elements as its shape says. */
export const anyTensor = (t: Tensor): void => assert.equal(t.data.length, sizeOf(t.shape));

/** Fails unless `fn` ends, or raises an error of the library that names `op`. */
export function assertNamedOrValid(op: string, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    assertNamed(op, error);
  }
}

/** Fails, with the error itself, unless it is one of the library that names `op`. */
export function assertNamed(op: string, error: unknown): void {
  if (!(error instanceof TensorError)) throw error;
  assert.equal(error.op, op, error.message);
}
