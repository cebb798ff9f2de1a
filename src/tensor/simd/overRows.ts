/** Kernels over rows: what they read and write, and how they are launched. */
import type { Tensor } from '../tensor.ts';
import type { Entry } from './family.ts';
import { launch, type Share } from './launch.ts';

/** A share of rows of `step` elements that is read. */
export const readRows = (tensor: Tensor, step: number): Share => ({ tensor, step });
/** One that is written. */
export const writeRows = (tensor: Tensor, step: number): Share => ({ tensor, step, write: true });
/** Elements of the last axis. */
export const lastOf = (x: Tensor): number => x.shape[x.rank - 1];

/** A function over rows of n elements; nanoseconds per element. */
export const overRows = (
  entry: Entry,
  shares: readonly Share[],
  [rows, n, cost]: readonly number[],
  more: readonly number[],
): boolean => launch(entry, shares, { count: rows, cost: n * cost }, [n, ...more]);
