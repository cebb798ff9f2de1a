import { DomainError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { type Bytes, checkName, fileBytes, type NamedTensors, writable } from './bytes.ts';
import { npy, writeNpy } from './npy.ts';
import { readZip, writeZip } from './zip.ts';

/**
 * Tensors as an `.npz` file, what `numpy.savez` writes: a zip archive, not compressed, with one `.npy` file for each name.
 * @throws DTypeError when a value is not a tensor; DeviceError when it has no values; DomainError for a name that cannot be
 * kept, or more than 4 GiB
 */
export function writeNpz(tensors: NamedTensors): Uint8Array {
  const op = 'writeNpz';
  const entries = writable(op, tensors).map(([name, t]) => ({ name: `${name}.npy`, bytes: writeNpy(t) }));
  return writeZip(op, entries);
}

/**
 * Read an `.npz` file, compressed or not: its tensors under their names, in the order of the archive.
 * @throws DomainError when the archive or a file in it is malformed; DTypeError when one holds a dtype that `readNpy` refuses;
 * both as a rejected promise
 */
export async function readNpz(file: Bytes): Promise<Map<string, Tensor>> {
  const op = 'readNpz';
  const entries = await readZip(op, fileBytes(op, file));
  return new Map(
    entries.map(({ name, bytes }): [string, Tensor] => {
      if (!name.endsWith('.npy')) throw new DomainError(op, `'${name}' is not a .npy file`);
      const key = name.slice(0, -'.npy'.length);
      checkName(op, key);
      return [key, npy(op, `'${name}'`, bytes)];
    }),
  );
}
