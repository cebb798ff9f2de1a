import { existsSync } from 'node:fs';
import { UsageError } from '../usage.ts';
import type { Graph } from './graph.ts';
import { readGraph } from './readGraph.ts';
import type { TaskName } from './settings.ts';

/** Graphs that need no files. */
export const builtIn = ['disease', 'airports', 'karate'] as const;

/**
 * The graph that `--data` names: one that is made here, or a folder.
 * @throws UsageError when there is neither; ReportedError when the folder is damaged
 */
export function openGraph(data: string, _task: TaskName): Graph {
  if (!existsSync(data)) throw new UsageError(`--data is a folder or one of ${builtIn.join(', ')}, got '${data}'`);
  return readGraph(data);
}
