/** The parts of WebAssembly that are used, looked up at run time: an engine may lack it, and a page may forbid it. */

/** Memory that functions of a module read and write. */
export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** What a module exports: numbers in, nothing or a number out. */
export type Exports = Readonly<Record<string, (...args: number[]) => number | undefined>>;

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => Memory;
}

const { WebAssembly: api } = globalThis as { readonly WebAssembly?: WebAssemblyApi };

/** Whether the engine understands these bytes. */
export const validates = (bytes: Uint8Array): boolean => api?.validate(bytes) ?? false;

/** Compile and link a module. @throws where a content security policy forbids it */
export function instantiate(bytes: Uint8Array, memory: Memory): Exports {
  if (api === undefined) throw new Error('there is no WebAssembly');
  return new api.Instance(new api.Module(bytes), { env: { memory } }).exports;
}

/** Memory of so many pages of 64 KiB. @throws when that is too much, or shared memory is not allowed */
export function makeMemory(pages: number, shared: boolean): Memory {
  if (api === undefined) throw new Error('there is no WebAssembly');
  return new api.Memory({ initial: pages, maximum: pages, shared });
}
