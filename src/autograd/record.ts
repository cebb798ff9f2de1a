import type { Tensor } from '../tensor/tensor.ts';

/** Number of operands or results: fixed, or a list of any length. */
export type Arity = number | 'list';

type Tuple<N extends number, T, Built extends readonly T[] = readonly []> = number extends N
  ? readonly T[]
  : Built['length'] extends N
    ? Built
    : Tuple<N, T, readonly [...Built, T]>;

/** `N` things, or any number of them. */
export type Several<N extends Arity, T> = N extends number ? Tuple<N, T> : readonly T[];

/** One gradient per operand; null, false or undefined where none was asked for or none exists. */
export type Gradients = readonly (Tensor | null | false | undefined)[];

/** What `forward` gives back: the result alone, or with intermediates that the rule wants to see again. */
export type Forward<M extends Arity> =
  | (M extends 1 ? Tensor : never)
  | { readonly y: Tensor; readonly saved?: readonly Tensor[] }
  | { readonly ys: readonly Tensor[]; readonly saved?: readonly Tensor[] };

/** What a gradient rule may look at. Operands and results that the record does not keep have a shape and no values. */
export interface RuleContext<N extends Arity, A, M extends Arity> {
  /** Gradient of the loss with respect to the result (the first one, when there are several). */
  readonly dy: Tensor;
  /** The same for every result; null where the loss does not depend on it. */
  readonly dys: Several<M, M extends 1 ? Tensor : Tensor | null>;
  readonly inputs: Several<N, Tensor>;
  readonly y: Tensor;
  readonly ys: Several<M, Tensor>;
  /** The intermediates that `forward` saved. */
  readonly saved: readonly Tensor[];
  /** Which operands want a gradient; the others need not be computed. */
  readonly needs: readonly boolean[];
  readonly attrs: A;
}

/** Which values the graph holds on to until the rule runs; everything else may be collected. */
export interface Keeps {
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
}

/** The law of a rule that is deliberately not the derivative. */
export interface Surrogate<N extends Arity, A> {
  /** For which attributes the rule is a surrogate. */
  when(attrs: A): boolean;
  /** The operands whose gradient it is not. */
  readonly operands: readonly number[];
  /** Where the law comes from. */
  readonly source: string;
  /** Pairs that must be equal, given the surrogate's gradients and the true ones. */
  law(
    gradients: readonly Tensor[],
    truth: readonly Tensor[],
    inputs: Several<N, Tensor>,
  ): readonly (readonly [Tensor, Tensor])[];
}

/**
 * An op: a function on tensors and the rule of its gradient, in one record.
 *
 * `N` operands, attributes `A` (one plain value or object after the operands), `M` results.
 */
export interface OpRecord<N extends Arity, A, M extends Arity> {
  readonly name: string;
  readonly arity: N;
  /** Axis names such as `'…~ m k, …~ k n -> …~ m n'` (see `signature`); a function where attributes change the layout. */
  readonly signature?: string | ((attrs: A) => string);
  /** Further demands on operands and attributes, or all of them where a signature cannot say it. Throws a TensorError. */
  check?(inputs: Several<N, Tensor>, attrs: A): void;
  /** Computes with kernels, or with ops (which then do not record). */
  forward(context: { readonly inputs: Several<N, Tensor>; readonly attrs: A }): Forward<M>;
  /**
   * The gradient rule, written with ops: run unrecorded for a first derivative and recorded under `createGraph`. An op
   * without one is not differentiable: its results never require a gradient.
   */
  backward?(context: RuleContext<N, A, M>): Gradients;
  /** Default: nothing. */
  readonly keeps?: Keeps;
  /**
   * What `forward` saved, once more and as a recorded function of the operands; called under `createGraph`. Default: what
   * another `forward`, recorded, saves.
   */
  resave?(context: {
    readonly inputs: Several<N, Tensor>;
    readonly saved: readonly Tensor[];
    readonly attrs: A;
  }): readonly Tensor[];
  /** The rule calls a kernel that has no rule of its own, so a second derivative is refused by name. */
  readonly once?: boolean;
  /** The same function out of smaller ops; the tests hold value and rule to it. */
  reference?(inputs: Several<N, Tensor>, attrs: A): Tensor;
  /** Open interval of the operands' values, where it is not the whole line. */
  readonly domain?: readonly [low: number, high: number];
  readonly surrogate?: Surrogate<N, A>;
}

/** An op of any arity, as the engine sees it. */
export type AnyRecord = OpRecord<'list', unknown, 'list'>;
