import type { DType } from '../tensor/dtype.ts';

/** Where the formulas of the Lorentz layers stop being used, for one dtype. */
export interface LorentzGuard {
  /** A vector that is no longer than this has no direction: 1/|x|³, which second derivatives need, still has room in the dtype. */
  readonly shortest: number;
  /**
   * 1 − |xs|²/x0² of a timelike vector is at least this: the rounding unit, for beyond it the points of the hyperboloid are no
   * longer told apart. They end at time 1/√(c·margin), in float32 4096/√c.
   */
  readonly margin: number;
  /** The logarithm of a scale is at most this: the square of the scale still has room in the dtype. */
  readonly steepest: number;
}

const single: LorentzGuard = { shortest: 1e-10, margin: 2 ** -24, steepest: 40 };
const double: LorentzGuard = { shortest: 1e-100, margin: 2 ** -53, steepest: 340 };

/** The guards of a dtype. */
export const guardOf = (dtype: DType): LorentzGuard => (dtype === 'float64' ? double : single);
