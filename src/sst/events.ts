/** How a converted layer stands. */
export interface LayerDiagnostics {
  readonly path: string;
  /** Singular values, falling: σ of a spectral layer, those of the weight of a dense one; null for other layers. */
  readonly spectrum: readonly number[] | null;
  /** Frobenius norms of the gradients of the method's parameters, by name; null where there is no gradient. */
  readonly gradientNorms: Readonly<Record<string, number | null>>;
  /** What is only there in spectral layers. */
  readonly spectral: {
    /** The active vectors, by their rank at the last decomposition. */
    readonly active: readonly number[];
    /** How far the vectors are from orthonormal: ‖UᵀU − I‖_F and ‖VᵀV − I‖_F. */
    readonly defectU: number;
    readonly defectV: number;
    /** Singular values that are 0, where the clamp holds them. */
    readonly clamped: number;
  } | null;
}

/** What `diagnostics` reports. */
export interface DiagnosticsEvent {
  readonly type: 'diagnostics';
  readonly step: number;
  /** Steps so far, times trainable parameters. */
  readonly effectiveSteps: number;
  readonly layers: readonly LayerDiagnostics[];
}

/** Something that a method did between two steps, or that `diagnostics` saw after one. */
export type MethodEvent =
  | {
      readonly type: 'resample';
      readonly step: number;
      readonly active: readonly (readonly number[])[];
      readonly cleared: number;
    }
  | { readonly type: 'decompose'; readonly step: number }
  | { readonly type: 'merge'; readonly step: number; readonly cleared: number }
  | DiagnosticsEvent;
