/** The ops that manifolds are made of: inner products of rows, the gap between two points, tangents, points from their space coordinates. */
import fc from 'fast-check';
import { lift, lorentzGap, tangentInner } from '../../src/hyperbolic/lorentz.op.ts';
import { pairwiseSquares } from '../../src/hyperbolic/pairs.op.ts';
import { rowDot } from '../../src/hyperbolic/rowDot.op.ts';
import { onGrid, type Values } from '../harness/arbitraries.ts';
import { checkOp } from '../harness/op.ts';

const positive: Values = (size) => fc.array(fc.constantFrom(0.1, 0.5, 1, 2), { minLength: size, maxLength: size });

checkOp(rowDot, { attrs: [{}, { minkowski: true }] });
checkOp(pairwiseSquares);
checkOp(lift, { values: [onGrid, positive] });
checkOp(lorentzGap, { attrs: [{}, { pairwise: true }], values: [onGrid, onGrid, positive], empty: false });
checkOp(tangentInner, { values: [onGrid, onGrid, onGrid, positive], empty: false });
