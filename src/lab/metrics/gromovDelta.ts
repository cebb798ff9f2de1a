import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { DistanceRow } from './reconstruction.ts';

/** How many nodes are looked at. */
export interface DeltaOptions {
  /** Above so many nodes, so many are drawn and the others left out (default 100: four million quadruples). */
  readonly most?: number;
  readonly rng: Rng;
}

/**
 * Gromov's δ by the four-point condition: the largest over all quadruples of (S₁ − S₂)/2, with S₁ >= S₂ the two largest of d(a, b) + d(c, d),
 * d(a, c) + d(b, d), d(a, d) + d(b, c). It is 0 for trees and small where distances are like those of a hyperbolic space. All quadruples are looked
 * at, of the nodes, or of those drawn: then the result is a lower bound. Quadruples with an infinite distance are left out.
 * @param distances rows of a symmetric matrix, such as `shortestPaths`; one is used before the next is asked for
 * @throws DomainError when a row has another length or holds NaN, or `most` is no whole number above 0
 * @source Gromov, "Hyperbolic groups", 1987; the definition used by Chami et al., 2019, table 1
 */
export function gromovDelta(nodes: number, distances: DistanceRow, { most = 100, rng }: DeltaOptions): number {
  if (!Number.isInteger(most) || most < 1) throw new DomainError('gromovDelta', `most is a whole number, got ${most}`);
  const chosen =
    nodes <= most ? Int32Array.from({ length: nodes }, (_, i) => i) : rng.permutation(nodes).slice(0, most);
  const matrix = Array.from(chosen, (u) => {
    const row = distances(u);
    if (row.length !== nodes) throw new DomainError('gromovDelta', `a row has ${nodes} distances, got ${row.length}`);
    const taken = Float64Array.from(chosen, (v) => row[v]);
    if (taken.some(Number.isNaN)) throw new DomainError('gromovDelta', `a distance of node ${u} is NaN`);
    return taken;
  });
  let twice = 0;
  for (let a = 0; a < chosen.length; a++)
    for (let b = a + 1; b < chosen.length; b++)
      for (let c = b + 1; c < chosen.length; c++)
        for (let d = c + 1; d < chosen.length; d++) {
          const s = matrix[a][b] + matrix[c][d];
          const t = matrix[a][c] + matrix[b][d];
          const u = matrix[a][d] + matrix[b][c];
          const first = Math.max(s, t, u);
          const second = Math.max(Math.min(s, t), Math.min(Math.max(s, t), u));
          if (first !== Number.POSITIVE_INFINITY && first - second > twice) twice = first - second;
        }
  return twice / 2;
}
