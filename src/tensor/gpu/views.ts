import { type KernelText, kernelText } from './text.ts';

/** Elements from `start` on: what a view looks at. */
export const windowText: KernelText = kernelText(
  'window.flat',
  'function (x, start) { return x[start + this.thread.x]; }',
);
/** A copy with other elements from `start` on: what a write through a view leaves. */
export const overwriteText: KernelText = kernelText(
  'overwrite',
  `function (x, value, start, n) {
    const i = this.thread.x;
    let y = x[i];
    if (i >= start && i < start + n) { y = value[i - start]; }
    return y;
  }`,
);
