import type { Operand } from '../autograd/define.ts';
import { add, div, mul, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import { artanhcRoot, ballClip, conformal, tanhcRoot } from './radial.ts';
import { rowDot, scaleRows, squaredNorm } from './rowDot.op.ts';

const half = (x: Tensor, c: Curvature): Tensor => conformal(mul(squaredNorm(x), c));

/**
 * x ⊕ y = ((1 + 2c·x·y + c·|y|²)·x + (1 − c·|x|²)·y)/(1 + 2c·x·y + c²·|x|²·|y|²), computed as (hy·(x + y) + q·x)/(1 + q) with
 * hy = 1/(1 − c·|y|²) and q = c·|x + y|²·hx·hy, where nothing cancels near the edge. The result is kept inside the ball (`edge`).
 * Leading axes broadcast.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Ganea, Bécigneul & Hofmann, "Hyperbolic neural networks", arXiv 1805.09112, Eq. 5
 */
export function mobiusAdd(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusAdd', c);
  const far = half(y, c);
  const both = add(x, y);
  const q = mul(mul(squaredNorm(both), c), mul(half(x, c), far));
  const sum = div(add(scaleRows(both, far), scaleRows(x, q)), unsqueeze(add(q, 1), -1));
  return scaleRows(sum, ballClip(mul(squaredNorm(sum), c)));
}

/**
 * −x ⊕ y: y as seen from x.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function mobiusSub(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusSub', c);
  return mobiusAdd(mul(x, -1), y, c);
}

/**
 * f in the tangent space at the origin: exp₀(f(log₀(x))).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function mobiusApply(f: (u: Tensor) => Tensor, x: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusApply', c);
  const u = f(scaleRows(x, artanhcRoot(mul(squaredNorm(x), c))));
  return scaleRows(u, tanhcRoot(mul(squaredNorm(u), c)));
}

/**
 * r ⊗ x = tanh(r·artanh(√c·|x|))·x/(√c·|x|); r is a number, or has the shape of x without its last axis.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source arXiv 1805.09112, Eq. 9
 */
export function mobiusScale(r: Operand, x: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusScale', c);
  return mobiusApply((u) => scaleRows(u, r), x, c);
}

/**
 * M ⊗ x = tanh(|Mx|/|x|·artanh(√c·|x|))·Mx/(√c·|Mx|), given x […, n] and Mx […, m] of any linear map: 0 where Mx is 0.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source arXiv 1805.09112, Eq. 27
 */
export function mobiusLinear(x: Tensor, mx: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusLinear', c);
  const u = scaleRows(mx, artanhcRoot(mul(squaredNorm(x), c)));
  return scaleRows(u, tanhcRoot(mul(squaredNorm(u), c)));
}

/**
 * M ⊗ x of a matrix m [o, n] and points x […, n] → […, o] (`mobiusLinear`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function mobiusMatvec(m: Tensor, x: Tensor, c: Curvature): Tensor {
  checkCurvature('mobiusMatvec', c);
  return mobiusLinear(x, matmul(x, m, { transB: true }), c);
}

/**
 * gyr[a, b]w = −(a ⊕ b) ⊕ (a ⊕ (b ⊕ w)), the rotation by which ⊕ fails to be associative, in closed form: with D = a + b,
 * X = −b·w, E = D·w and q = c·|D|²·ha·hb it is w + 2c·((E·ha − X·q)·(−b) − (X·(hb + q) + E·c·|b|²·ha·hb)·D)/(1 + q).
 * Leading axes broadcast.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Ungar, "A gyrovector space approach to hyperbolic geometry", 2009, Eq. 1.30, rewritten so that nothing cancels at the edge
 */
export function gyration(a: Tensor, b: Tensor, w: Tensor, c: Curvature): Tensor {
  checkCurvature('gyration', c);
  const [ha, hb] = [half(a, c), half(b, c)];
  const d = add(a, b);
  const q = mul(mul(squaredNorm(d), c), mul(ha, hb));
  const x = mul(rowDot(b, w), -1);
  const e = rowDot(d, w);
  const alongX = sub(mul(e, ha), mul(x, q));
  const alongD = add(mul(x, add(hb, q)), mul(mul(e, mul(squaredNorm(b), c)), mul(ha, hb)));
  const turn = add(scaleRows(b, alongX), scaleRows(d, alongD));
  return sub(w, scaleRows(turn, mul(div(2, add(q, 1)), c)));
}
