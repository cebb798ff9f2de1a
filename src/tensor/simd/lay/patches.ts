/** Lays the SIMD kernels of patches over their definitions: imported by the ops that use them, so that no other program holds them. */
import { layUnfold } from '../unfold.ts';

layUnfold();
