import type { Memory } from './engine.ts';
import { controlAt } from './memory.ts';

/**
 * What this thread and the workers tell each other, as indices of 32-bit words in the shared memory.
 *
 * A job is published by one store to `job`: its number in the upper 24 bits, and in the lower 8 how many parts nobody has taken yet.
 * Whoever lowers that word by one has the part of that number, so late workers lose nothing but their chance, and the thread that
 * published takes what is left over. What the job consists of is written before, and stays until `done` says that all parts are.
 */
export const words: Readonly<
  Record<'job' | 'done' | 'asleep' | 'waiting' | 'module' | 'code' | 'length' | 'index', number>
> = {
  job: controlAt >> 2,
  done: (controlAt >> 2) + 16,
  /** Workers that sleep until `job` changes, and whether the publisher sleeps until `done` does. */
  asleep: (controlAt >> 2) + 32,
  waiting: (controlAt >> 2) + 33,
  /** The kernel: number of its module, where the bytes of that lie, how many, and its number among the exports. */
  module: (controlAt >> 2) + 48,
  code: (controlAt >> 2) + 49,
  length: (controlAt >> 2) + 50,
  index: (controlAt >> 2) + 51,
};

const partsAt = controlAt + 256;
const partBytes = 256;

/** Most parts of a job, and most arguments of a kernel. */
export const mostParts = 64;
export const mostArgs: number = partBytes / 8 - 1;

/**
 * Where a part begins, as an index of 64-bit words: the number of arguments, then these. After a failure minus the length of its
 * message, then the bytes of that.
 */
export const partAt = (part: number): number => (partsAt + part * partBytes) >> 3;

/**
 * Milliseconds for which a worker looks for the next job before it sleeps: it is found within a microsecond, or after 30-80. Longer than
 * what a training step does alone between its products.
 */
const patience = 0.3;

/** The program of a worker. A string: it must not pass through whatever rewrites functions (bundlers, coverage). */
const program = `
const begin = (memory, ready) => {
  const words = new Int32Array(memory.buffer);
  const numbers = new Float64Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  const modules = [];
  const load = () => {
    const from = words[${words.code}];
    const module = new WebAssembly.Module(bytes.slice(from, from + words[${words.length}]));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
  };
  const run = (at) => {
    try {
      const functions = (modules[words[${words.module}]] ??= load());
      functions[words[${words.index}]].apply(null, numbers.subarray(at + 1, at + 1 + numbers[at]));
    } catch (error) {
      const text = String(error).slice(0, ${mostArgs * 8}).replace(/[^ -~]/g, '?');
      for (let i = 0; i < text.length; i++) bytes[8 * at + 8 + i] = text.charCodeAt(i);
      numbers[at] = -text.length;
    }
  };
  const rest = (seen) => {
    for (const end = performance.now() + ${patience}; performance.now() < end; )
      for (let i = 0; i < 64; i++) if (Atomics.load(words, ${words.job}) !== seen) return;
    Atomics.add(words, ${words.asleep}, 1);
    Atomics.wait(words, ${words.job}, seen);
    Atomics.sub(words, ${words.asleep}, 1);
  };
  ready(null);
  for (;;) {
    const seen = Atomics.load(words, ${words.job});
    const part = seen & 255;
    if (part === 0) rest(seen);
    else if (Atomics.compareExchange(words, ${words.job}, seen, seen - 1) === seen) {
      run((${partsAt} + part * ${partBytes}) / 8);
      Atomics.add(words, ${words.done}, 1);
      if (Atomics.load(words, ${words.waiting}) === 1) Atomics.notify(words, ${words.done});
    }
  }
};
if (typeof require === 'function') {
  const { parentPort, workerData } = require('node:worker_threads');
  begin(workerData, (m) => parentPort.postMessage(m));
} else onmessage = ({ data }) => begin(data, postMessage);
`;

/** A running worker. */
export interface Worker {
  end(): unknown;
}

interface NodeWorker {
  once(event: string, listener: (value: unknown) => void): void;
  unref(): void;
  terminate(): unknown;
}

interface WebWorker {
  onmessage: () => void;
  onerror: (event: { readonly message?: string; preventDefault?(): void }) => void;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface Platform {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
  readonly Worker?: new (url: string) => WebWorker;
}

/** Start a worker on this memory. Rejects with whatever hinders it. */
export async function startWorker(memory: Memory): Promise<Worker> {
  const { process, Worker } = globalThis as Platform;
  const threads = process?.getBuiltinModule?.('node:worker_threads') as
    | { readonly Worker: new (program: string, options: object) => NodeWorker }
    | undefined;
  if (threads !== undefined) return startInNode(threads.Worker, memory);
  if (Worker === undefined) throw new Error('there are no workers');
  return startInPage(Worker, memory);
}

/** A worker inherits neither flags nor environment, which could make it load what only the program needs. It keeps no process alive. */
const startInNode = (Thread: new (program: string, options: object) => NodeWorker, memory: Memory): Promise<Worker> =>
  new Promise((resolve, reject) => {
    const worker = new Thread(program, { eval: true, workerData: memory, execArgv: [], env: {} });
    worker.once('error', reject);
    worker.once('message', () => {
      worker.unref();
      resolve({ end: () => worker.terminate() });
    });
  });

const startInPage = (Thread: new (url: string) => WebWorker, memory: Memory): Promise<Worker> => {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  return new Promise<Worker>((resolve, reject) => {
    const worker = new Thread(url);
    worker.onerror = (event) => {
      event.preventDefault?.();
      reject(new Error(event.message ?? 'the worker was not allowed to start'));
    };
    worker.onmessage = () => resolve({ end: () => worker.terminate() });
    worker.postMessage(memory);
  }).finally(() => URL.revokeObjectURL(url));
};
