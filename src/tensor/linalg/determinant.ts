import { luFactor } from './lu.ts';
import { thinSvd } from './svd.ts';

/** m·2^e, so that products of many factors neither overflow nor vanish on the way. */
interface Scaled {
  readonly m: number;
  readonly e: number;
}

const one: Scaled = { m: 1, e: 0 };

/** The product, its m in [1, 2) but for rounding, or 0. */
function times({ m, e }: Scaled, factor: number): Scaled {
  const large = Math.abs(factor) > 1;
  const product = large ? m * (factor / 4) : m * factor;
  if (product === 0 || !Number.isFinite(product)) return { m: product, e };
  const shift = Math.floor(Math.log2(Math.abs(product)));
  // Two steps: 2^−shift alone is infinite for the smallest numbers.
  const half = Math.trunc(shift / 2);
  return { m: product * 2 ** -half * 2 ** (half - shift), e: e + shift + (large ? 2 : 0) };
}

/** The number itself; ±∞ or 0 when it is outside float64. */
function plain({ m, e }: Scaled): number {
  const power = Math.max(-2200, Math.min(2200, e));
  const third = Math.trunc(power / 3);
  return m * 2 ** third * 2 ** third * 2 ** (power - 2 * third);
}

/** The determinant in two parts: its sign, or 0, and the logarithm of its size. */
export interface SignedLog {
  readonly sign: number;
  readonly log: number;
}

/** det A for A (n×n, row-major, spoilt), by LU; 1 for n = 0. ±∞ or 0 only where det A itself is outside float64. */
export function determinant(a: Float64Array, n: number): number {
  const { lu, sign } = luFactor(a, n);
  let product = times(one, sign);
  for (let i = 0; i < n; i++) product = times(product, lu[i * n + i] as number);
  return plain(product);
}

/** The sign of det A and log|det A| for A (n×n, row-major, spoilt), by LU: 0 and −∞ when a pivot is zero. */
export function signedLog(a: Float64Array, n: number): SignedLog {
  const { lu, sign: parity } = luFactor(a, n);
  let sign: number = parity;
  let log = 0;
  for (let i = 0; i < n; i++) {
    sign *= Math.sign(lu[i * n + i] as number);
    log += Math.log(Math.abs(lu[i * n + i] as number));
  }
  return sign === 0 ? { sign: 0, log: -Infinity } : { sign, log };
}

/** Π_{j≠i} s_j for every i, without dividing: right also where values are zero. */
function productsWithout(s: Float64Array): Float64Array {
  const before: Scaled[] = [one];
  for (let i = 0; i + 1 < s.length; i++) before.push(times(before[i] as Scaled, s[i] as number));
  const out = new Float64Array(s.length);
  let after = one;
  for (let i = s.length - 1; i >= 0; i--) {
    const { m, e } = before[i] as Scaled;
    out[i] = plain({ m: m * after.m, e: e + after.e });
    after = times(after, s[i] as number);
  }
  return out;
}

/** A = Utᵀ·diag(s)·Vt, and det U·det V. */
interface Frame {
  readonly ut: Float64Array;
  readonly s: Float64Array;
  readonly vt: Float64Array;
  readonly sign: number;
}

function frameOf(a: Float64Array, n: number): Frame {
  const { ut, s, vt } = thinSvd(a, n, n);
  const sign = signedLog(ut.slice(), n).sign * signedLog(vt.slice(), n).sign;
  return { ut, s, vt, sign };
}

/** c·Utᵀ·X·Vt. */
function fromFrame({ ut, vt, sign }: Frame, x: Float64Array, n: number): Float64Array {
  const half = new Float64Array(n * n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let l = 0; l < n; l++) {
      const factor = sign * (x[i * n + l] as number);
      if (factor !== 0) for (let j = 0; j < n; j++) half[i * n + j] += factor * (vt[l * n + j] as number);
    }
  for (let l = 0; l < n; l++)
    for (let i = 0; i < n; i++) {
      const factor = ut[l * n + i] as number;
      for (let j = 0; j < n; j++) out[i * n + j] += factor * (half[l * n + j] as number);
    }
  return out;
}

/**
 * The cofactors of A (n×n, row-major): ∂det A/∂A, which is det A·A⁻ᵀ where A has an inverse. From A = U·diag(s)·Vᵀ they
 * are det U·det V·U·diag(Π_{j≠i} s_j)·Vᵀ, for every rank.
 * @throws DomainError when an entry is not finite.
 * @source Giles, "Collected matrix derivative results", 2008 (∂det); Stewart, "On the adjugate matrix", 1998.
 */
export function cofactors(a: Float64Array, n: number): Float64Array {
  const frame = frameOf(a, n);
  const middle = new Float64Array(n * n);
  for (const [i, product] of productsWithout(frame.s).entries()) middle[i * n + i] = product;
  return fromFrame(frame, middle, n);
}

/**
 * The derivative of <W, cofactors(A)> by A. It is det U·det V·U·D·Vᵀ, where with E = Uᵀ·W·V and P_ij = Π_{k≠i,j} s_k the
 * entries of D are −P_ij·E_ji beside the diagonal and Σ_{j≠i} P_ij·E_jj on it.
 * @throws DomainError when an entry of A is not finite.
 */
export function cofactorsGradient(a: Float64Array, w: Float64Array, n: number): Float64Array {
  const frame = frameOf(a, n);
  const { ut, s, vt } = frame;
  const e = inFrame(ut, w, vt, n);
  const d = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const others = productsWithout(s.with(i, 1));
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const product = others[j] as number;
      d[i * n + j] = -product * (e[j * n + i] as number);
      d[i * n + i] += product * (e[j * n + j] as number);
    }
  }
  return fromFrame(frame, d, n);
}

/** Ut·W·Vtᵀ. */
function inFrame(ut: Float64Array, w: Float64Array, vt: Float64Array, n: number): Float64Array {
  const half = new Float64Array(n * n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let l = 0; l < n; l++) {
      const factor = ut[i * n + l] as number;
      for (let j = 0; j < n; j++) half[i * n + j] += factor * (w[l * n + j] as number);
    }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < n; l++) sum += (half[i * n + l] as number) * (vt[j * n + l] as number);
      out[i * n + j] = sum;
    }
  return out;
}
