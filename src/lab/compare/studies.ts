import type { Contestant } from './compare.ts';
import { type CompareSettings, type MethodName, methodLabels } from './settings.ts';

/** One ablation: what is varied, and the settings of each variant. */
export interface Study {
  /** What is varied, in words. */
  readonly title: string;
  /** The table of the paper that it repeats on another task; null where the paper has none. */
  readonly table: string | null;
  variants(settings: CompareSettings): readonly Contestant[];
}

type Change = Partial<CompareSettings>;

/** A variant of SST. */
const sst = (label: string, settings: CompareSettings, change: Change): Contestant => ({
  id: label,
  label,
  method: 'sst',
  settings: { ...settings, ...change },
});

/** SST under each value of one of its switches. */
const switched =
  (values: readonly (readonly [label: string, options: CompareSettings['sst']])[]): Study['variants'] =>
  (settings) =>
    values.map(([label, options]) => sst(label, settings, { sst: { ...settings.sst, ...options } }));

/** Short rounds: at the default length several of them fit, so that what happens between rounds shows. */
const rounds = { iterationsPerRound: 4 } as const;

const ranked: readonly MethodName[] = ['lora', 'relora', 'sst'];

/** The name of an ablation on the command line. */
export type StudyName = 'sampling' | 'sigma' | 'init' | 'gradient' | 'normalise' | 'resvd' | 't3' | 't2' | 'rank';

/** The ablations by name. */
export const studies: Readonly<Record<StudyName, Study>> = {
  sampling: {
    title: 'How the active vectors are chosen',
    table: 'Table 6',
    variants: switched(
      (['multinomial-uniform', 'multinomial', 'uniform', 'sequential', 'top-r'] as const).map((sampling) => [
        sampling,
        { sampling },
      ]),
    ),
  },
  sigma: {
    title: 'Which singular values are trained',
    table: 'Table 15',
    variants: switched([
      ['all σ', { trainedSigma: 'all' }],
      ['sampled σ', { trainedSigma: 'sampled' }],
    ]),
  },
  init: {
    title: 'What the factors start from',
    table: 'Table 15',
    variants: switched([
      ['SVD', { initialisation: 'svd', ...rounds }],
      ['random', { initialisation: 'random', ...rounds }],
    ]),
  },
  gradient: {
    title: 'Which gradient the vectors get',
    table: null,
    variants: switched([
      ['enhanced', { enhanced: true }],
      ['default', { enhanced: false }],
    ]),
  },
  normalise: {
    title: 'Whether vectors are brought back to length 1',
    table: null,
    variants: switched([
      ['normalised', { normalise: true }],
      ['free', { normalise: false }],
    ]),
  },
  resvd: {
    title: 'Whether a round begins with a decomposition',
    table: null,
    variants: switched([
      ['re-SVD', { redecompose: true, ...rounds }],
      ['no re-SVD', { redecompose: false, ...rounds }],
    ]),
  },
  t3: {
    title: 'Steps between two samplings (T3)',
    table: 'Table 16',
    variants: (settings) =>
      [10, 25, 50, 100, 200, 400].map((t3) =>
        // A warm-up that fills the iteration would never reach the full rate.
        sst(`T3 ${t3}`, settings, { iterationSteps: t3, warmup: Math.min(settings.warmup, Math.floor(t3 / 5)) }),
      ),
  },
  t2: {
    title: 'Samplings between two decompositions (T2)',
    table: 'Table 17',
    variants: (settings) =>
      [1, 2, 4, 8, 16, 32].map((t2) => sst(`T2 ${t2}`, settings, { sst: { ...settings.sst, iterationsPerRound: t2 } })),
  },
  rank: {
    title: 'Rank',
    table: 'Table 18',
    variants: (settings) =>
      [1, 2, 4, 8, 16, 32].flatMap((rank) =>
        ranked.map((method): Contestant => {
          const label = `${methodLabels[method]} r=${rank}`;
          return { id: `${method}-${rank}`, label, method, settings: { ...settings, rank } };
        }),
      ),
  },
};
