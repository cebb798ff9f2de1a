import { DomainError } from './errors.ts';

/** Everything needed to continue a stream of random numbers: four 32-bit words of state. */
export type RngState = readonly [number, number, number, number];

/** Told of every stream just before it is drawn from, forked or its state read; null: nobody asks. */
let watcher: ((rng: Rng) => void) | null = null;

/**
 * A seeded stream of random numbers, the only source of randomness in the library. Equal seeds give equal numbers on
 * every engine: the generator uses 32-bit integer arithmetic alone, and `normal` only +, ·, /, sqrt and our own log.
 *
 * Generator: xoshiro128**, period 2^128 − 1; the seed is expanded by SplitMix32.
 * @source Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */
export class Rng {
  #s: Uint32Array;

  /**
   * @param seed any whole number; its low 53 bits count.
   * @throws DomainError when `seed` is not a safe integer.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new DomainError('Rng', `seed is a whole number, got ${seed}`);
    this.#s = new Uint32Array(4);
    const high = Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 4; i++)
      this.#s[i] = mix((seed | 0) + Math.imul(i + 1, 0x9e3779b9)) ^ mix(Math.imul(high, 0x85ebca6b + 2 * i));
    if (this.#s.every((word) => word === 0)) this.#s[0] = 1;
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    if (watcher !== null) watcher(this);
    const s = this.#s;
    const s1 = s[1];
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = s[2] ^ s[0];
    s[3] = s[3] ^ s1;
    s[1] = s1 ^ s[2];
    s[0] = s[0] ^ s[3];
    s[2] = s[2] ^ (s1 << 9);
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /**
   * Fill an array with 0 and 1: 0 where `bits()` is below p·2^32, so with chance p. The numbers are those that one call for each element
   * would draw; the state is kept in local words meanwhile, which is four times as fast.
   */
  coins(to: Uint8Array, p: number): void {
    if (watcher !== null) watcher(this);
    const s = this.#s;
    let [a, b, c, d] = [s[0] | 0, s[1] | 0, s[2] | 0, s[3] | 0];
    // Moved down by 2^31, unsigned numbers compare as signed ones; without a branch, which chance would mispredict.
    const bound = Math.ceil(p * 2 ** 32);
    const least = (bound - 2 ** 31) | 0;
    for (let i = 0; i < to.length; i++) {
      const word = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
      to[i] = Number((word ^ 0x80000000) >= least);
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
    }
    s[0] = a;
    s[1] = b;
    s[2] = c;
    s[3] = d;
    // Every word is below 2^32, which has no place among them.
    if (bound === 2 ** 32) to.fill(0);
  }

  /** Uniform on [0, 1), a multiple of 2^−53. */
  uniform(): number {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /**
   * Uniform whole number in [0, n), without bias.
   * @throws DomainError unless n is a whole number in 1..2^32.
   */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new DomainError('Rng.below', `n is a whole number in 1..2^32, got ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let draw = this.bits();
    while (draw >= limit) draw = this.bits();
    return draw % n;
  }

  /** Standard normal, by Marsaglia's polar method (one of the pair is dropped, so that the state stays four words). */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const q = u * u + v * v;
      if (q > 0 && q < 1) return u * Math.sqrt((-2 * naturalLog(q)) / q);
    }
  }

  /**
   * A random order of 0..n−1 (Fisher–Yates).
   * @throws DomainError unless n is a whole number in 0..2^31.
   */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n > 2 ** 31)
      throw new DomainError('Rng.permutation', `n is a whole number in 0..2^31, got ${n}`);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  /** An independent stream for a named purpose; this stream is not advanced, so adding a fork changes no other number. */
  fork(label: string): Rng {
    if (watcher !== null) watcher(this);
    let hash = 0x811c9dc5;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
    const child = new Rng(0);
    for (let i = 0; i < 4; i++) child.#s[i] = mix(this.#s[i] ^ mix(hash + Math.imul(i + 1, 0x9e3779b9)));
    if (child.#s.every((word) => word === 0)) child.#s[0] = 1;
    return child;
  }

  /** The state, to be kept in a checkpoint. */
  get state(): RngState {
    if (watcher !== null) watcher(this);
    return [...this.#s] as unknown as RngState;
  }

  /** @throws DomainError unless given four 32-bit words, not all 0 */
  set state(words: RngState) {
    const fits =
      Array.isArray(words) && words.length === 4 && words.every((w) => w >>> 0 === w) && words.some((w) => w > 0);
    if (!fits) throw new DomainError('Rng.state', `is four 32-bit words, not all 0, got ${String(words)}`);
    if (watcher !== null) watcher(this);
    this.#s.set(words);
  }

  /**
   * Run `fn` and tell which streams it used, each with its state before the first use.
   * @returns the result of `fn`, and a function that runs another one from those states and then puts the streams back
   */
  static watched<T>(fn: () => T): [result: T, again: <U>(fn: () => U) => U] {
    const before = new Map<Rng, Uint32Array>();
    const outer = watcher;
    watcher = (rng) => {
      if (!before.has(rng)) before.set(rng, rng.#s.slice());
      outer?.(rng);
    };
    try {
      return [fn(), (other) => Rng.#rewound(before, other)];
    } finally {
      watcher = outer;
    }
  }

  static #rewound<T>(states: ReadonlyMap<Rng, Uint32Array>, fn: () => T): T {
    const now = [...states.keys()].map((rng) => rng.#s.slice());
    for (const [rng, state] of states) rng.#s.set(state);
    try {
      return fn();
    } finally {
      for (const [i, rng] of [...states.keys()].entries()) rng.#s.set(now[i]);
    }
  }

  /**
   * A stream that continues from a kept state.
   * @throws DomainError unless the state is four 32-bit words, not all zero.
   */
  static from(state: RngState): Rng {
    if (
      state.length !== 4 ||
      state.some((w) => !Number.isInteger(w) || w < 0 || w >= 2 ** 32) ||
      state.every((w) => w === 0)
    )
      throw new DomainError('Rng.from', `state is four 32-bit words, not all zero, got [${state.join(', ')}]`);
    const rng = new Rng(0);
    rng.#s.set(state);
    return rng;
  }
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** A bijective scrambling of 32 bits (the finaliser of SplitMix32). */
function mix(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * ln x for 0 < x < 1, from +, ·, / only, which IEEE 754 fixes to the bit: `Math.log` may differ between engines, and
 * then the same seed would give other weights in another browser. x = 2^e·m, m in [√½, √2); ln m = 2·artanh((m−1)/(m+1)).
 */
function naturalLog(x: number): number {
  let m = x;
  let e = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    e -= 1;
  }
  const t = (m - 1) / (m + 1);
  const t2 = t * t;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * t2 + 1 / k;
  return 2 * t * sum + e * Math.LN2;
}
