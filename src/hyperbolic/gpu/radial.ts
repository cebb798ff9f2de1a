import { polynomial } from '../../tensor/gpu/functions/polynomial.ts';
import { type GpuTable, gpuKernel } from '../../tensor/gpu/overlay.ts';
import { type KernelText, kernelText } from '../../tensor/gpu/text.ts';
import { edge, farthest } from '../guards.ts';
import {
  artanhcSeries,
  asinhcSeries,
  type RadialAttrs,
  type RadialName,
  sinhcSeries,
  tanhcSeries,
} from '../radial.kernel.ts';

/** Derivatives that have a text: a gradient of a gradient needs the second. */
const highest = 2;

const [reach, ball] = [farthest('float32'), edge('float32')];

/** The k-th derivative of a series, cut to so many terms. */
const derivative = (series: readonly number[], k: number, terms: number): readonly number[] =>
  series.slice(k, k + terms).map((a, j) => Array.from({ length: k }, (_, i) => j + k - i).reduce((p, n) => p * n, a));

/** F(√s)/√s for an odd F. */
interface Ratio {
  readonly series: readonly number[];
  /** Terms that count below `until`, up to which the difference of the equation would lose digits of float32. */
  readonly terms: number;
  readonly until: number;
  /** F(r). */
  readonly odd: string;
  /** g and its derivative in 2s·f′ + f = g, of x = s, r = √s and f = d0, f′ = d1. */
  readonly right: readonly [string, string];
}

/** Lines that declare d0, d1, … up to the k-th derivative of a ratio: 2s·f⁽ʲ⁺¹⁾ = g⁽ʲ⁾ − (2j + 1)·f⁽ʲ⁾ beyond the series. */
const ratioLines = ({ series, terms, until, odd, right }: Ratio, k: number): string =>
  Array.from({ length: k + 1 }, (_, j) => {
    const closed = j === 0 ? `${odd} / r` : `(${right[j - 1]} - ${2 * j - 1} * d${j - 1}) / (2 * x)`;
    return `let d${j} = ${polynomial('x', derivative(series, j, terms))};
      if (x >= ${until}) { d${j} = ${closed}; }`;
  }).join('\n');

const sinhc: Ratio = {
  series: sinhcSeries,
  terms: 13,
  until: 9,
  odd: 'sinhOf(r)',
  right: ['coshOf(r)', '0.5 * d0'],
};
const asinhc: Ratio = {
  series: asinhcSeries,
  terms: 28,
  until: 0.5,
  odd: 'asinhOf(r)',
  right: ['1 / Math.sqrt(1 + x)', '(0 - 0.5) / ((1 + x) * Math.sqrt(1 + x))'],
};
const artanhc: Ratio = {
  series: artanhcSeries,
  terms: 28,
  until: 0.5,
  odd: 'atanhOf(r)',
  right: ['1 / (1 - x)', '1 / ((1 - x) * (1 - x))'],
};
/** 1/cosh², which 1 − s·f² is: the difference would lose its digits. */
const bell = '1 / (coshOf(r) * coshOf(r))';
const tanhc: Ratio = {
  series: tanhcSeries,
  terms: 22,
  until: 1,
  odd: 'tanhOf(r)',
  right: [bell, `(0 - d0) * ${bell}`],
};

/** The k-th derivative of 1. */
const one = (k: number): string => `let y = ${k === 0 ? 1 : 0};`;

const ofRatio =
  (ratio: Ratio) =>
  (k: number): string =>
    `${ratioLines(ratio, k)}\n let y = d${k};`;

/** cosh √s, whose derivative is half of sinhc. */
const cosh = (k: number): string =>
  k === 0 ? 'let y = coshOf(r);' : `${ratioLines(sinhc, k - 1)}\n let y = 0.5 * d${k - 1};`;

/** k!/(1 − s)ᵏ⁺¹. */
const conformal = (k: number): string =>
  `const rest = 1 - x; let y = ${k === 2 ? 2 : 1} / (${Array.from({ length: k + 1 }, () => 'rest').join(' * ')});`;

/** A function up to `limit`, where it is `end`; beyond it a constant, or what makes √s·f(s) one. */
interface Guarded {
  /** Lines that declare its k-th derivative `y`. */
  readonly lines: (k: number) => string;
  readonly limit: number;
  readonly end: number;
  readonly constant: boolean;
}

const guarded: Readonly<Record<RadialName, Guarded>> = {
  coshRoot: { lines: cosh, limit: reach ** 2, end: Math.cosh(reach), constant: true },
  sinhcRoot: { lines: ofRatio(sinhc), limit: reach ** 2, end: Math.sinh(reach) / reach, constant: false },
  tanhcRoot: { lines: ofRatio(tanhc), limit: reach ** 2 / 4, end: (2 * ball) / reach, constant: false },
  asinhcRoot: { lines: ofRatio(asinhc), limit: Number.POSITIVE_INFINITY, end: 0, constant: true },
  artanhcRoot: { lines: ofRatio(artanhc), limit: ball ** 2, end: reach / 2 / ball, constant: false },
  ballClip: { lines: one, limit: ball ** 2, end: 1, constant: false },
  spaceClip: { lines: one, limit: Math.sinh(reach) ** 2, end: 1, constant: false },
  conformal: { lines: conformal, limit: ball ** 2, end: 1 / (1 - ball ** 2), constant: true },
};

/** The k-th derivative beyond the limit. */
function beyond({ limit, end, constant }: Guarded, k: number): string {
  if (constant) return k === 0 ? `${end}` : '0';
  const share = [1, -0.5, 0.75][k] * end * Math.sqrt(limit);
  return `(${share < 0 ? `0 - ${-share}` : share}) / (r${' * x'.repeat(k)})`;
}

function textOf(name: RadialName, k: number): KernelText {
  const row = guarded[name];
  const held = Number.isFinite(row.limit) ? `if (x > ${row.limit}) { y = ${beyond(row, k)}; }` : '';
  return kernelText(
    `radial.${name}.${k}`,
    `function (s) {
      const x = s[this.thread.x];
      const r = Math.sqrt(x);
      ${row.lines(k)}
      ${held}
      return y;
    }`,
  );
}

const texts: ReadonlyMap<string, KernelText> = new Map(
  (Object.keys(guarded) as RadialName[]).flatMap((name) =>
    Array.from({ length: highest + 1 }, (_, k) => [`${name}.${k}`, textOf(name, k)] as const),
  ),
);

/** Functions of a squared length, and their first two derivatives. */
export const radialKernels: GpuTable = {
  radial: gpuKernel<RadialAttrs>({
    refuses: (_, { order }) => (order > highest ? `has derivatives up to order ${highest}` : null),
    run(on, [s], { name, order }) {
      const text = texts.get(`${name}.${order}`) as KernelText;
      return [on.launch(text, s.size, [s.array])];
    },
  }),
};
