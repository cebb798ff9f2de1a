/** Lays the SIMD kernels of normalisation over their definitions: imported by the ops that use them, so that no other program holds them. */
import { layNorms } from '../normRows.ts';

layNorms();
