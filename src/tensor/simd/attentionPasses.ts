/** The two passes of attention as functions of a module: each works through its heads one after another. */
import { type Body, call, during, type Expr, type Func, func, ifElse, int, select, set } from './assembler.ts';
import {
  callParams,
  combinations,
  dropped,
  eachBlock,
  eachHead,
  eachRow,
  eachTile,
  type Parts,
  panelOf,
  partsOf,
  products,
  rowAt,
  type Vars,
  variables,
  weigh,
} from './attentionHeads.ts';
import { bytesOf } from './attentionRows.ts';
import { defineFamily, type Family } from './family.ts';
import { lesser, tileRows } from './gemmLane.ts';
import { advance, ints } from './pieces.ts';
import { f32, i32, zeroFill } from './scalar.ts';

type I32 = Expr<'i32'>;

/** y = dropped weights · v */
function forward(f: Parts): Func {
  const params = { ...ints('y', 'q', 'k', 'v', 'mask'), ...callParams };
  return func('attention', params, (given, locals) => {
    const { v, begin } = variables(given, locals);
    const tile = [
      weigh(v, f),
      dropped(v, f, v.weights),
      combinations(v, f, v.weights, v.values, v.e, v.yAt, v.valueLine),
    ];
    return [
      begin,
      eachHead(v, given, [
        call(f.packTurned, v.keys, v.kAt, v.keyLine, v.d, bytesOf(v.s)),
        call(f.packLines, v.values, v.vAt, v.valueLine, v.s, bytesOf(v.e)),
        eachBlock(v, eachTile(v, tile)),
      ]),
    ];
  });
}

/**
 * to = or += rowsᵀ·panels over the queries of a block: for each key that some of them see a row of n. Where a query sees no later key,
 * four keys at a time meet the queries from the first of them on; blocks come in the order of the queries, so that the first one a
 * key meets is its own.
 */
function spread(v: Vars, f: Parts, weights: I32, panels: I32, n: I32, to: I32, line: I32): Body {
  const [j, from] = [v.r, v.row];
  return [
    set(j, 0),
    set(v.step, select(v.causal, int(tileRows), v.count)),
    during(i32.ltS(j, v.count), [
      set(v.m, lesser(v.step, i32.sub(v.count, j))),
      set(from, i32.mul(i32.and(v.causal, i32.gtS(j, v.i)), i32.sub(j, v.i))),
      call(
        f.columns,
        ...[i32.add(rowAt(weights, from, v.line), bytesOf(j)), 4 * tileRows, v.line],
        ...[i32.add(panels, panelOf(from)), panelOf(v.rows), rowAt(to, j, line), line],
        ...[v.m, n, i32.sub(v.rows, from), select(v.causal, i32.ltS(j, v.i), i32.gtS(v.i, 0)), v.scratch],
      ),
      advance(j, v.step),
    ]),
  ];
}

/** A row for each key made 0, from number t on: those that no query sees where queries see no later key. */
const clearUnseen = (v: Vars, to: I32, line: I32, bytes: I32): Body => [
  set(v.row, v.t),
  during(i32.ltS(v.row, v.s), [zeroFill(rowAt(to, v.row, line), bytes), advance(v.row, 1)]),
];

/**
 * Gradients of q, k and v and, when it has bytes, of the mask. With p the weights and f what dropout multiplies them by: g = f∘(dy·vᵀ),
 * ds = p∘(g − Σ p·g), dq = scale·ds·k, dk = scale·dsᵀ·q, dv = (f∘p)ᵀ·dy.
 */
function backward(f: Parts): Func {
  const params = { ...ints('dq', 'dk', 'dv', 'dmask', 'y', 'q', 'k', 'v', 'mask'), ...callParams };
  return func('attentionGrad', params, (given, locals) => {
    const { v, begin } = variables(given, locals);
    const out = locals(ints('dqAt', 'dkAt', 'dvAt', 'dmaskAt'));
    const weights = i32.add(v.weights, v.at);
    const grads = i32.add(v.grads, v.at);
    const maskRow = rowAt(out.dmaskAt, i32.add(v.i, v.row), v.maskLine);
    const tile = [
      weigh(v, f),
      products(v, f, v.yAt, v.valueLine, v.e, v.values, v.grads),
      dropped(v, f, v.grads),
      eachRow(v, [
        ifElse(
          v.maskBytes,
          [
            call(f.gradRow, weights, grads, v.count, f32.const(1)),
            call(f.collectRow, maskRow, grads, v.count, v.scale),
          ],
          call(f.gradRow, weights, grads, v.count, v.scale),
        ),
      ]),
      dropped(v, f, v.weights),
      combinations(v, f, v.grads, v.keyRows, v.d, out.dqAt, v.keyLine),
    ];
    return [
      begin,
      ifElse(v.maskBytes, zeroFill(given.dmask, v.maskBytes)),
      eachHead(v, given, [
        set(out.dqAt, i32.add(given.dq, i32.sub(v.qAt, given.q))),
        set(out.dkAt, i32.add(given.dk, i32.sub(v.kAt, given.k))),
        set(out.dvAt, i32.add(given.dv, i32.sub(v.vAt, given.v))),
        set(out.dmaskAt, i32.add(given.dmask, i32.sub(v.maskAt, given.mask))),
        call(f.packTurned, v.keys, v.kAt, v.keyLine, v.d, bytesOf(v.s)),
        call(f.packTurned, v.values, v.vAt, v.valueLine, v.e, bytesOf(v.s)),
        call(f.packLines, v.keyRows, v.kAt, v.keyLine, v.s, bytesOf(v.d)),
        eachBlock(v, [
          eachTile(v, tile),
          call(f.packLines, v.blockRows, rowAt(v.yAt, v.i, v.valueLine), v.valueLine, v.rows, bytesOf(v.e)),
          spread(v, f, v.weights, v.blockRows, v.e, out.dvAt, v.valueLine),
          call(f.packLines, v.blockRows, rowAt(v.qAt, v.i, v.keyLine), v.keyLine, v.rows, bytesOf(v.d)),
          spread(v, f, v.grads, v.blockRows, v.d, out.dkAt, v.keyLine),
        ]),
        ifElse(v.causal, [
          clearUnseen(v, out.dkAt, v.keyLine, bytesOf(v.d)),
          clearUnseen(v, out.dvAt, v.valueLine, bytesOf(v.e)),
        ]),
      ]),
    ];
  });
}

/** Both passes: `attention` (y, q, k, v, mask, …) and `attentionGrad` (dq, dk, dv, dmask, dy, q, k, v, mask, …), then `callParams`. */
export const attentionFamily: Family = defineFamily((target) => {
  const parts = partsOf(target);
  return [forward(parts), backward(parts)];
});
