/** A queue that gives its first item first. */
export interface Heap<T> {
  push(item: T): void;
  /** The item before all others, taken out; undefined when there is none. */
  pop(): T | undefined;
}

/**
 * A binary heap. Of items of which neither is before the other, either may come first.
 * @param before a strict order
 */
export function heapOf<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];
  const sink = (item: T): void => {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1], items[child])) child++;
      if (!before(items[child], item)) break;
      items[place] = items[child];
      place = child;
    }
    items[place] = item;
  };
  return {
    push(item) {
      let place = items.length;
      items.push(item);
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!before(item, items[parent])) break;
        items[place] = items[parent];
        place = parent;
      }
      items[place] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0) sink(last as T);
      return first;
    },
  };
}
