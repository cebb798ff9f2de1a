/** What "equal" means to a law: the same bits, or the same up to a share of the largest value. */
import assert from 'node:assert/strict';
import { type Shape, Tensor, type TensorError } from '../../src/index.ts';

const bytes = (x: Tensor): Uint8Array => new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength);

/** Whether two tensors have equal dtype, shape and bits; NaN equals itself, 0 and −0 differ. */
export function sameBits(a: Tensor | null, b: Tensor | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

/** Fails unless both are bit for bit the same. */
export function assertSame(actual: Tensor | null, expected: Tensor | null, what: string): void {
  if (!sameBits(actual, expected)) assert.fail(`${what}: ${actual}, expected exactly ${expected}`);
}

/** Fails unless |actual − expected| <= tolerance·max(1, |expected|…) everywhere, in equal shapes; NaN matches NaN. */
export function assertClose(actual: Tensor | null, expected: Tensor | null, tolerance: number, what: string): void {
  if (actual === null || expected === null) {
    const other = actual ?? expected;
    assert.ok(other === null || other.data.every((v) => v === 0), `${what}: ${actual}, expected ${expected}`);
    return;
  }
  assert.deepEqual(actual.shape, expected.shape, what);
  const [near, exact] = [[...actual.data], [...expected.data]];
  const scale = exact.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  for (const [i, v] of exact.entries()) {
    const w = near[i];
    if (v === w || (Number.isNaN(v) && Number.isNaN(w)) || Math.abs(v - w) <= tolerance * scale) continue;
    assert.fail(`${what}: ${actual}, expected ${expected} (element ${i}: ${w} and ${v}, scale ${scale})`);
  }
}

/** Fails unless a tensor holds exactly these values, in this nesting. */
export function assertHolds(actual: Tensor, values: ReturnType<Tensor['toArray']>, what: string = 'values'): void {
  assert.ok(actual instanceof Tensor, `${what}: not a tensor`);
  assert.deepEqual(actual.toArray(), values, what);
}

/** Fails unless `fn` raises that class of error, naming `op` in its field and its message. */
export function assertRefuses(
  fn: () => unknown,
  kind: new (op: string, message: string, shapes?: readonly Shape[]) => TensorError,
  op: string,
  message: RegExp = /./,
): void {
  let raised: unknown = null;
  let value: unknown;
  try {
    value = fn();
  } catch (error) {
    raised = error;
  }
  if (raised === null) assert.fail(`${op}: should raise ${kind.name}, gave ${value}`);
  if (!(raised instanceof kind)) throw raised;
  assert.equal(raised.op, op, raised.message);
  assert.equal(raised.name, kind.name);
  assert.ok(raised.message.startsWith(`${op}: `), raised.message);
  assert.match(raised.message, message);
}
