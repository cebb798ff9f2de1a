/** Lays the SIMD kernels of optimizers over their definitions: imported by the ops that use them, so that no other program holds them. */
import { laySteps } from '../steps.ts';

laySteps();
