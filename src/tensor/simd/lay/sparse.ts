/** Lays the SIMD kernels of sparse products over their definitions: imported by the ops that use them, so that no other program holds them. */
import { laySparse } from '../sparse.ts';

laySparse();
