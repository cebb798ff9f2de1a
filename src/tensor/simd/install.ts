/** Lays the SIMD kernels over the definitions of the host's. Nothing is compiled before it is used. */
import { layAttention } from './attention.ts';
import { layMatmul } from './matmul.ts';
import { layMoves } from './moves.ts';
import { layPointwise } from './pointwise.ts';
import { layRows } from './rows.ts';
import { laySparse } from './sparse.ts';

layPointwise();
layMatmul();
layRows();
layMoves();
laySparse();
layAttention();
