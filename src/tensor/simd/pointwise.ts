import { layBinary, layLerp, layPower } from './binary.ts';
import { layMasks } from './masks.ts';
import { layUnary } from './unary.ts';

/** Lay the kernels of this family over their definitions. */
export function layPointwise(): void {
  layUnary();
  layBinary();
  layPower();
  layLerp();
  layMasks();
}
