import { cast } from '../../autograd/ops/cast.ts';
import { slice } from '../../autograd/ops/slice.ts';
import type { PointEmbedding } from '../../hyperbolic/embedding.ts';
import { diskOf } from '../graph/plane.ts';
import type { Closure } from '../graph/wordnet.ts';
import { poincareDisk } from '../report/disk.ts';
import type { Markup } from '../report/svg.ts';

/** `dog.n.01` as readers know it: `dog`; further senses keep their number. */
export const wordOf = (name: string): string =>
  name
    .replace(/\.n\.01$/, '')
    .replace(/\.n\.0*(\d+)$/, ' ($1)')
    .replaceAll('_', ' ');

/** The number of nodes below each node, by pairs of a node and one above it. */
export function descendants(nodes: number, pairs: Int32Array): Int32Array {
  const below = new Int32Array(nodes);
  for (let i = 1; i < pairs.length; i += 2) below[pairs[i]] += 1;
  return below;
}

/**
 * An embedding on the Poincaré disk, its root in the middle. In two dimensions the disk is the space itself, moved by an
 * isometry; with more it shows the two directions of largest variance in the tangent space at the root.
 */
export function embeddingPicture({ geometry, weight }: PointEmbedding, closure: Closure, c: number): Markup {
  const points = cast(weight.detach(), 'float64');
  const { names, depths, parents, pairs } = closure;
  const below = descendants(names.length, pairs);
  const hovers = names.map((name, i) => `${wordOf(name)}: depth ${depths[i]}, ${below[i]} below`);
  return poincareDisk(diskOf(geometry, points, c, slice(points, [0])), parents, {
    description: `${names.length} nouns under ${wordOf(names[0])} on the Poincaré disk, the root in the middle`,
    groups: depths,
    colours: 'depth',
    legend: { title: 'Depth' },
    names: names.map(wordOf),
    hovers,
    weights: below,
  });
}
