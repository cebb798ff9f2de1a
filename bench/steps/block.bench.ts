/**
 * One training step of a Transformer encoder layer: width 256, 4 heads, inner width 1024, 8 sequences of 128.
 *
 *     npm run bench -- block
 */
import { blockStep } from '../peers/oursSteps.ts';
import { compareWays } from './ways.ts';

const task = { kind: 'block', d: 256, heads: 4, ff: 1024, length: 128, batch: 8, lr: 0.05 } as const;
await compareWays('Transformer block step', (scoped) => blockStep(task, scoped));
