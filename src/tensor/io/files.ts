import { DeviceError } from '../errors.ts';

/** The parts of Node's file system that are used, asked for at run time: a page has none. */
interface FileSystem {
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array, offset: number): number;
  fsyncSync(file: number): void;
  closeSync(file: number): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { readonly force: boolean }): void;
  readFileSync(path: string): Uint8Array;
}

function fileSystem(op: string): FileSystem {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const found = process?.getBuiltinModule?.('node:fs');
  if (found === undefined) throw new DeviceError(op, 'there is no file system here: keep the bytes yourself');
  return found as FileSystem;
}

/**
 * Write a file whole or not at all: the bytes go to `PATH.tmp`, reach the disk, and take the name of `path` in one step. Whoever reads
 * `path`, at whatever moment the process ends, finds the old file or the new one.
 * @throws DeviceError where there are no files; what Node throws when the folder cannot be written
 */
export function saveFile(path: string, bytes: Uint8Array): void {
  const fs = fileSystem('saveFile');
  const temporary = `${path}.tmp`;
  try {
    const file = fs.openSync(temporary, 'w');
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** The bytes of a file. @throws DeviceError where there are no files; what Node throws when there is none of that name */
export const readFile = (path: string): Uint8Array => fileSystem('readFile').readFileSync(path);
