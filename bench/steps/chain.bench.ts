/**
 * A chain of small pointwise ops on [2708, 17], as hyperbolic layers have, with its gradient.
 *
 *     npm run bench -- chain
 */
import { chainStep } from './chain.ts';
import { compareWays } from './ways.ts';

await compareWays('chain of small ops, [2708, 17]', chainStep);
