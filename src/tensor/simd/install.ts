/**
 * Lays the SIMD kernels that most programs use over the definitions of the host's; `lay` has those that some ops bring along. Nothing
 * is compiled before it is used.
 */
import { layMatmul } from './matmul.ts';
import { layMoves } from './moves.ts';
import { layPointwise } from './pointwise.ts';
import { layRows } from './rows.ts';

layPointwise();
layMatmul();
layRows();
layMoves();
