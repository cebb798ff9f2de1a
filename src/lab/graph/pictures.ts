import type { Geometry } from '../../hyperbolic/geometry.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { poincareDisk } from '../report/disk.ts';
import type { Trained } from './experiment.ts';
import type { Graph } from './graph.ts';
import { diskOf } from './plane.ts';
import type { Embedding } from './report.ts';

/** Pictures of where the first run of each method put the nodes; none in ordinary space. */
export function embeddingsOf(graph: Graph, trained: readonly Trained[]): Embedding[] {
  return trained.flatMap(({ result: { label }, points, geometry }) => {
    const c = curvatureIn(geometry);
    if (c === null || !points.data.every((v: number) => Number.isFinite(v))) return [];
    const description = `The ${graph.nodes} nodes of ${graph.name} on the Poincaré disk, after ${label}`;
    const groups = graph.labels === null ? {} : { groups: graph.labels, legend: { title: 'Class' } };
    return [{ label, picture: poincareDisk(diskOf(geometry, points, c), graph.edges, { description, ...groups }) }];
  });
}

/** c of a hyperbolic space, null of another. */
function curvatureIn(geometry: Geometry): number | null {
  const { c } = geometry as Geometry & { readonly c?: unknown };
  return c instanceof Tensor ? c.item() : typeof c === 'number' ? c : null;
}
