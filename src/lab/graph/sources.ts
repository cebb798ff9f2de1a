import { existsSync } from 'node:fs';
import { Rng } from '../../tensor/rng.ts';
import { UsageError } from '../usage.ts';
import { airports } from './airports.ts';
import { diseasePresets, diseaseTree } from './disease.ts';
import type { Graph } from './graph.ts';
import { karate } from './karate.ts';
import { readGraph } from './readGraph.ts';
import type { TaskName } from './settings.ts';

/** Graphs that need no files. */
export const builtIn = ['disease', 'airports', 'karate'] as const;

/** One tree for all runs: of the first sixteen the one with counts of infected nodes next to the published 211 and 1,060, namely 214 and 1,059. */
const treeSeed = 15;

/** As many as the published trees have. */
const diseaseFeatures = { lp: 11, nc: 1000 } as const;

/**
 * The graph that `--data` names: one that is made here, or a folder.
 * @throws UsageError when there is neither; ReportedError when the folder is damaged, or the package of the airports not installed
 */
export function openGraph(data: string, task: TaskName): Graph {
  if (data === 'airports') return airports();
  if (data === 'karate') return karate();
  if (data === 'disease')
    return diseaseTree({ ...diseasePresets[task], features: diseaseFeatures[task] }, new Rng(treeSeed));
  if (!existsSync(data)) throw new UsageError(`--data is a folder or one of ${builtIn.join(', ')}, got '${data}'`);
  return readGraph(data);
}
