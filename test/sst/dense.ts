/**
 * Sparse Spectral Training of one linear layer, straight from the pseudo-code of PAPER 2.11, in its "dense + mask" form: full
 * U, σ and V, a mask of the sampled columns, masked Adam whose state is forgotten at every iteration. Plain arrays, the weight
 * gradient G formed explicitly; nothing of the library is used.
 */
import { dot, type Matrix, matrix, product, scaled, transposed } from './plain.ts';

/** Settings, named as in the paper. */
export interface DenseSettings {
  readonly lr: number;
  readonly warm: number;
  readonly enhanced: boolean;
}

/** First and second moments, as wide as what they belong to. */
interface Moments {
  m: Matrix;
  v: Matrix;
}

const nothing = (x: Matrix): Moments => ({
  m: matrix(x.length, x[0].length, () => 0),
  v: matrix(x.length, x[0].length, () => 0),
});

/** The layer and its optimizer. Row i of `u` and `v` is the i-th singular vector. */
export class DenseSst {
  u: Matrix;
  s: readonly number[];
  v: Matrix;
  #mask: ReadonlySet<number> = new Set();
  #t = 0;
  #moments: { u: Moments; s: Moments; v: Moments };
  readonly #settings: DenseSettings;

  constructor(u: Matrix, s: readonly number[], v: Matrix, settings: DenseSettings) {
    [this.u, this.s, this.v, this.#settings] = [u, s, v, settings];
    this.#moments = { u: nothing(u), s: nothing([s]), v: nothing(v) };
  }

  /** W = U·diag(σ)·Vᵀ. */
  weight(): Matrix {
    return product(scaled(transposed(this.u), this.s), this.v);
  }

  /** Begin an iteration with these sampled columns. */
  sample(mask: readonly number[]): void {
    this.#mask = new Set(mask);
    this.#t = 0;
    this.#moments = { u: nothing(this.u), s: nothing([this.s]), v: nothing(this.v) };
  }

  /** One step on ½·‖X·Wᵀ − Y‖²/B; gives the loss before it. */
  step(x: Matrix, y: Matrix): number {
    const dh = product(x, transposed(this.weight())).map((row, b) => row.map((h, i) => (h - y[b][i]) / x.length));
    const G = product(transposed(dh), x);
    const [gv, gtu] = [
      this.v.map((v) => G.map((row) => dot(row, v))),
      this.u.map((u) => transposed(G).map((c) => dot(c, u))),
    ];
    const ds = [this.u.map((u, i) => dot(u, gv[i]))];
    const by = (g: Matrix): Matrix => (this.#settings.enhanced ? g : g.map((row, i) => row.map((e) => e * this.s[i])));
    const [du, dv] = [by(gv), by(gtu)];
    this.#t += 1;
    const { u, s, v } = this.#moments;
    this.s = this.#adam([this.s], ds, s)[0].map((e) => Math.max(e, 0));
    this.u = this.#masked(this.u, this.#adam(this.u, du, u));
    this.v = this.#masked(this.v, this.#adam(this.v, dv, v));
    return (dh.flat().reduce((sum, e) => sum + e * e, 0) * x.length) / 2;
  }

  /** x after Adam's step; the ramp of the warm-up is on the learning rate. */
  #adam(x: Matrix, g: Matrix, state: Moments): Matrix {
    const { lr, warm } = this.#settings;
    const t = this.#t;
    const rate = lr * Math.min(1, t / warm);
    state.m = g.map((row, i) => row.map((e, j) => 0.9 * state.m[i][j] + 0.1 * e));
    state.v = g.map((row, i) => row.map((e, j) => 0.999 * state.v[i][j] + 0.001 * e * e));
    return x.map((row, i) =>
      row.map(
        (e, j) => e - (rate * state.m[i][j]) / (1 - 0.9 ** t) / (Math.sqrt(state.v[i][j] / (1 - 0.999 ** t)) + 1e-8),
      ),
    );
  }

  /** Sampled columns take their step and are normalised, the others stay. */
  #masked(before: Matrix, after: Matrix): Matrix {
    return before.map((row, i) => {
      if (!this.#mask.has(i)) return row;
      const length = Math.sqrt(dot(after[i], after[i]));
      return after[i].map((e) => e / length);
    });
  }
}
