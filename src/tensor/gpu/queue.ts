/** In which order a device does what it is told. */
export interface Queue {
  /** Whether work is done later than it is told. */
  readonly later: boolean;
  /** Do this after everything that was told before. What it throws is its own business. */
  add(work: () => void | Promise<void>): void;
  /** Do this after everything that was told before, and give what it gives. */
  ask<T>(work: () => T | Promise<T>): Promise<T>;
}

/** For a device that computes while it is called. */
export const atOnce: Queue = {
  later: false,
  add(work) {
    void work();
  },
  ask: async (work) => work(),
};

/** For a device that answers with promises: first in, first out, one at a time. */
export function inOrder(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  const ask = <T>(work: () => T | Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  return {
    later: true,
    add(work) {
      void ask(work).catch(() => {});
    },
    ask,
  };
}
