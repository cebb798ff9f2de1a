/**
 * How a theorem is checked: as a property over random cases, each giving a residual that must stay within a tolerance, and outside the
 * assumptions as a property that must fail. `npm run proofs` runs the proofs alone and prints what they found as a table.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rng } from '../../../src/index.ts';
import { probes } from '../../harness/arbitraries.ts';

/** A claim and how it is tried. */
export interface Claim {
  /** Letter of the appendix, number, and statement in a line. */
  readonly theorem: string;
  readonly cases: number;
  /** Largest residual that rounding, or the order of the claim, explains. */
  readonly tolerance: number;
}

interface Found extends Claim {
  /** The largest residual, or how many cases of a refutation broke the claim. */
  readonly found: string;
}

const table: Found[] = [];
if (process.env.npm_lifecycle_event === 'proofs') process.once('exit', print);

function print(): void {
  const rows = [...table].sort((a, b) => a.theorem.localeCompare(b.theorem));
  const cells = rows.map(({ theorem, cases, found, tolerance }) => [
    theorem,
    `${cases}`,
    found,
    tolerance.toExponential(0),
  ]);
  const all = [['theorem', 'cases', 'largest residual', 'tolerance'], ...cells];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  for (const row of all)
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
}

/** The claim holds in every case: `residual` of a case is at most the tolerance. */
export function prove(claim: Claim, residual: (rng: Rng) => number): void {
  test(claim.theorem, (t) => {
    let worst = 0;
    const holds = (seed: number): void => {
      const r = residual(new Rng(seed));
      assert.ok(r <= claim.tolerance, `the residual is ${r}, more than ${claim.tolerance}`);
      worst = Math.max(worst, r);
    };
    fc.assert(fc.property(probes, holds), { numRuns: claim.cases });
    table.push({ ...claim, found: worst.toExponential(1) });
    t.diagnostic(`largest residual ${worst.toExponential(1)} of ${claim.cases} cases`);
  });
}

/**
 * Outside its assumptions the claim fails: the residual exceeds the tolerance in at least `least` of the cases. The number of
 * violations comes out.
 */
export function refute(claim: Claim & { readonly least?: number }, residual: (rng: Rng) => number): void {
  test(`fails: ${claim.theorem}`, (t) => {
    const { cases, tolerance, least = 1 } = claim;
    let broken = 0;
    for (let i = 0; i < cases; i++) if (residual(new Rng(1000 + i)) > tolerance) broken += 1;
    assert.ok(broken >= least, `only ${broken} of ${cases} cases break it`);
    table.push({ theorem: `fails: ${claim.theorem}`, cases, tolerance, found: `${broken} violations` });
    t.diagnostic(`${broken} of ${cases} cases violate it`);
  });
}
