/** Lay the kernels of this family over their definitions. */
export function layMoves(): void {}
