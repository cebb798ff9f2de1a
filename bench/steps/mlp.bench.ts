/**
 * One training step of a perceptron 784-256-256-10, batch 128: forward, backward, gradient descent.
 *
 *     npm run bench -- mlp
 */
import { mlpStep } from '../peers/oursSteps.ts';
import { compareWays } from './ways.ts';

const task = { kind: 'mlp', widths: [784, 256, 256, 10], batch: 128, lr: 0.05 } as const;
await compareWays('MLP step', (scoped) => mlpStep(task, scoped));
