import type { Trained } from './experiment.ts';
import type { Graph } from './graph.ts';
import type { Embedding } from './report.ts';

export function embeddingsOf(_graph: Graph, _trained: readonly Trained[]): Embedding[] {
  return [];
}
