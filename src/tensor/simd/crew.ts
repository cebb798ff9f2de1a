import { DeviceError, DomainError } from '../errors.ts';
import { type Entry, modules } from './family.ts';
import { codeBytes, type Room, theRoom } from './memory.ts';
import { mostArgs, mostParts, partAt, startWorker, type Worker, words } from './worker.ts';

/** Those who share the work: this thread and, after `setThreads`, workers. */
export const crew: {
  size: number;
  /** Nanoseconds of work below which a part is not worth waking a worker; 0 divides whatever can be divided. */
  least: number;
  /** Run a kernel `parts` times, on different threads; returns when all are done. */
  run(entry: Entry, parts: number, argsOf: (part: number) => readonly number[]): void;
} = { size: 1, least: 75_000, run: runAlone };

function runAlone(entry: Entry, parts: number, argsOf: (part: number) => readonly number[]): void {
  for (let part = 0; part < parts; part++) entry.run(...argsOf(part));
}

/** Nanoseconds of work below which a part is not worth handing to a worker that is awake, which takes a microsecond or two. */
export const leastAwake = (): number => Math.min(crew.least, 12_000);

/** Milliseconds that waking takes, at most, and when workers were last woken. */
const waking = 0.1;
let woken = Number.NEGATIVE_INFINITY;

/** Nanoseconds of work, worth dividing and in close succession, that found the workers asleep; until when, in ms, more of it counts. */
let missed = 0;
let missedUntil = 0;

/**
 * Milliseconds that dividing has saved lately, up to `most`, where a job counts for no more than a `gain` or a `loss`. When they are used
 * up, because the processors have other work, one thread goes on for `pause` times as long as was lost; then it is tried `again`.
 */
const credit = { most: 2, gain: 0.2, loss: 2, again: 0.1, pause: 25 } as const;
let saved: number = credit.most;
let aloneUntil = Number.NEGATIVE_INFINITY;

/** Into how many parts it is worth dividing work of so many nanoseconds. */
export function partsFor(ns: number): number {
  const parts = Math.floor(ns / leastAwake());
  if (!(parts > 1) || crew.size === 1) return 1;
  return crew.least === 0 || isWorthIt(ns, performance.now()) ? Math.min(crew.size, parts) : 1;
}

function isWorthIt(ns: number, now: number): boolean {
  if (now < aloneUntil) return false;
  if (now < woken + waking || Atomics.load((theRoom() as Room).int32, words.asleep) === 0) return true;
  if (now > missedUntil) missed = 0;
  missed += ns;
  missedUntil = now + waking + (3 * ns) / 1e6;
  if (missed < 2 * crew.least) return false;
  missed = 0;
  return true;
}

function account(gain: number, now: number): void {
  saved = Math.min(credit.most, saved + Math.max(-credit.loss, Math.min(credit.gain, gain)));
  if (saved >= 0) return;
  aloneUntil = now + credit.pause * (credit.again - saved);
  saved = credit.again;
}

let workers: readonly Worker[] = [];
let change: Promise<void> = Promise.resolve();

/**
 * Let SIMD kernels use `count` threads: this one and `count` − 1 workers, which are started now, and ended by `setThreads(1)`. Results
 * keep their bits. Until the promise resolves one thread computes. Workers do not keep a process alive.
 *
 * @throws (the promise rejects) DomainError when `count` is no whole number from 1 to 64; DeviceError where threads cannot share
 * memory: one thread goes on computing
 */
export async function setThreads(count: number): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > mostParts)
    throw new DomainError('setThreads', `takes a whole number from 1 to ${mostParts}`);
  change = change.catch(() => {}).then(() => resize(count));
  return change;
}

async function resize(count: number): Promise<void> {
  if (count === crew.size) return;
  Object.assign(crew, { size: 1, run: runAlone });
  saved = credit.most;
  aloneUntil = Number.NEGATIVE_INFINITY;
  await Promise.all(workers.map((worker) => worker.end()));
  workers = [];
  if (count === 1) return;
  const room = sharedRoom();
  room.int32.fill(0, words.job, partAt(0) * 2);
  const started = await Promise.allSettled(Array.from({ length: count - 1 }, () => startWorker(room.memory)));
  workers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) Object.assign(crew, { size: count, run: runShared });
  else {
    await Promise.all(workers.map((worker) => worker.end()));
    workers = [];
    throw new DeviceError('setThreads', `no worker could be started (${failed.reason}): ${needed}`);
  }
}

const needed =
  'Node needs worker_threads; a page must be cross-origin isolated (Cross-Origin-Opener-Policy: same-origin and ' +
  "Cross-Origin-Embedder-Policy: require-corp), and a content security policy must allow 'worker-src blob:'";

function sharedRoom(): Room {
  const room = theRoom();
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (room === null) throw new DeviceError('setThreads', 'there is no WebAssembly memory');
  if (!room.shared || crossOriginIsolated === false)
    throw new DeviceError('setThreads', `threads cannot share memory here: ${needed}`);
  return room;
}

/** Bytes of modules that workers can load, from the end of the memory down, by number of the module. */
const codes = new Map<number, number>();
let codeUsed = 0;

/** Where the bytes of a module lie; 0 when there is no room for them. */
function codeOf(module: number, { bool, bytes }: Room): number {
  const known = codes.get(module);
  if (known !== undefined) return known;
  const code = modules[module];
  const fits = codeUsed + code.length <= codeBytes;
  if (fits) codeUsed += code.length;
  const address = fits ? bytes - codeUsed : 0;
  if (fits) bool.set(code, address);
  codes.set(module, address);
  return address;
}

/** Publish the work, do the first part and what no worker has begun, and wait for the rest. */
function runShared(entry: Entry, parts: number, argsOf: (part: number) => readonly number[]): void {
  const room = theRoom() as Room;
  const { int32 } = room;
  const loaded = codes.has(entry.module);
  const code = codeOf(entry.module, room);
  const first = argsOf(0);
  if (code === 0 || parts > mostParts || first.length > mostArgs) {
    runAlone(entry, parts, argsOf);
    return;
  }
  const start = performance.now();
  publish(room, entry, code, parts, argsOf);
  const published = performance.now();
  let failure = attempt(entry, first);
  const one = performance.now() - published;
  let others = parts - 1;
  for (let part = take(int32); part > 0; part = take(int32), others--) failure ??= attempt(entry, argsOf(part));
  waitFor(int32, others);
  const end = performance.now();
  if (loaded) account(parts * one - (end - start), end);
  for (let part = 1; part < parts; part++) failure ??= failureOf(room, partAt(part));
  if (failure !== null) throw new DeviceError(entry.name, `a thread failed: ${failure}`);
}

/** Run a part. @returns what was thrown, or null: others may be working still */
function attempt(entry: Entry, args: readonly number[]): unknown {
  try {
    entry.run(...args);
    return null;
  } catch (error) {
    return error;
  }
}

let jobs = 0;

/** Write down what parts 1, 2 … are, and let workers take them. */
function publish(
  { int32, float64 }: Room,
  { module, index }: Entry,
  code: number,
  parts: number,
  argsOf: (part: number) => readonly number[],
): void {
  for (let part = 1; part < parts; part++) {
    const args = argsOf(part);
    const at = partAt(part);
    float64[at] = args.length;
    for (let i = 0; i < args.length; i++) float64[at + 1 + i] = args[i];
  }
  int32[words.module] = module;
  int32[words.code] = code;
  int32[words.length] = modules[module].length;
  int32[words.index] = index;
  int32[words.done] = 0;
  jobs = (jobs + 1) & 0x7fffff;
  Atomics.store(int32, words.job, (jobs << 8) | (parts - 1));
  if (Atomics.load(int32, words.asleep) > 0 && Atomics.notify(int32, words.job, parts - 1) > 0)
    woken = performance.now();
}

/** Take a part that no worker has begun; 0 when there is none. */
function take(int32: Int32Array): number {
  for (;;) {
    const seen = Atomics.load(int32, words.job);
    if ((seen & 255) === 0) return 0;
    if (Atomics.compareExchange(int32, words.job, seen, seen - 1) === seen) return seen & 255;
  }
}

function failureOf({ float64, bool }: Room, at: number): string | null {
  const length = -float64[at];
  return length > 0 ? String.fromCharCode(...bool.subarray(8 * at + 8, 8 * at + 8 + length)) : null;
}

/** Milliseconds to look for the end of a job before sleeping: a worker that has no processor may need this one. */
const patience = 1;

/** Wait until workers have done so many parts. */
function waitFor(int32: Int32Array, count: number): void {
  const end = performance.now() + patience;
  for (;;) {
    for (let i = 0; i < 64; i++) if (Atomics.load(int32, words.done) === count) return;
    if (performance.now() > end && maySleep(int32)) break;
  }
  Atomics.store(int32, words.waiting, 1);
  for (let done = Atomics.load(int32, words.done); done !== count; done = Atomics.load(int32, words.done))
    Atomics.wait(int32, words.done, done);
  Atomics.store(int32, words.waiting, 0);
}

let sleeps: boolean | undefined;

/** Whether this thread may wait: the main one of a page may not. */
function maySleep(int32: Int32Array): boolean {
  try {
    sleeps ??= Atomics.wait(int32, words.done, -1, 0) === 'not-equal';
  } catch {
    sleeps = false;
  }
  return sleeps;
}
