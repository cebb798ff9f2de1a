import type { Entry } from './family.ts';

/** Those who share the work: this thread and, after `setThreads`, workers. */
export const crew: {
  size: number;
  /** Nanoseconds of work below which a part is not worth a worker. */
  least: number;
  /** Run a kernel `parts` times, on different threads; returns when all are done. */
  run(entry: Entry, parts: number, argsOf: (part: number) => readonly number[]): void;
} = {
  size: 1,
  least: 75_000,
  run(entry, parts, argsOf) {
    for (let part = 0; part < parts; part++) entry.run(...argsOf(part));
  },
};
