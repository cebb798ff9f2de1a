/** Lays the SIMD kernels of attention over their definitions: imported by the ops that use them, so that no other program holds them. */
import { layAttention } from '../attention.ts';

layAttention();
