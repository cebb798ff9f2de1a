import { DeviceError, DomainError, DTypeError } from '../errors.ts';

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

/** @throws DomainError unless the path is a text that can name a file */
function checkPath(op: string, path: unknown): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new DomainError(op, `a path is a text, got ${typeof path === 'string' ? JSON.stringify(path) : typeof path}`);
}

/** Run what touches files. @throws DeviceError with the system's reason */
function touching<T>(op: string, path: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new DeviceError(op, `'${path}' (${code ?? message})`);
  }
}

/**
 * Write a file whole or not at all: the bytes go to `PATH.tmp`, reach the disk, and take the name of `path` in one step. Whoever reads
 * `path`, at whatever moment the process ends, finds the old file or the new one.
 * @throws DeviceError where there are no files, or when the system refuses; DomainError when the path is no text; DTypeError
 * unless the bytes are a Uint8Array
 */
export function saveFile(path: string, bytes: Uint8Array): void {
  checkPath('saveFile', path);
  if (!(bytes instanceof Uint8Array)) throw new DTypeError('saveFile', 'bytes are a Uint8Array');
  const fs = fileSystem('saveFile');
  touching('saveFile', path, () => {
    const temporary = `${path}.tmp`;
    try {
      writeThrough(fs, temporary, bytes);
      fs.renameSync(temporary, path);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Write a file, and wait until it is on the disk. */
function writeThrough(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const file = fs.openSync(path, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** The bytes of a file. @throws DeviceError where there are no files, or when the system refuses; DomainError when the path is no text */
export function readFile(path: string): Uint8Array {
  checkPath('readFile', path);
  const fs = fileSystem('readFile');
  return touching('readFile', path, () => fs.readFileSync(path));
}
