/** One point of a loss curve. */
export interface LossPoint {
  /** Optimizer steps taken so far. */
  readonly step: number;
  /** Training loss; NaN or infinite where training diverged. */
  readonly loss: number;
}

/** Singular values of one layer's weight before and after training, each in descending order. */
export interface Spectrum {
  /** Path of the layer in the model, such as `hidden.0`. */
  readonly layer: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What one training method reached, and what it cost. Means over seeds where several were run. */
export interface MethodResult {
  /** Name on the command line, such as `sst`. */
  readonly method: string;
  /** Name for readers, such as `SST`. */
  readonly label: string;
  readonly learningRate: number;
  /** Rank r of the method; null for full training. */
  readonly rank: number | null;
  /** Number of seeds behind the numbers. */
  readonly seeds: number;
  /** Smoothed training loss, steps ascending. */
  readonly curve: readonly LossPoint[];
  /** Test accuracy in 0..1; `std` (over seeds) is null with one seed. */
  readonly accuracy: { readonly mean: number; readonly std: number | null };
  /** Trainable parameters. */
  readonly trainable: number;
  /** All parameters, frozen ones included. */
  readonly total: number;
  readonly optimizerBytes: number;
  readonly weightBytes: number;
  /** Mean wall time of a training step, in milliseconds. */
  readonly msPerStep: number;
  /** max |merged − factored| over test outputs; null where nothing is merged. */
  readonly mergeError: number | null;
  readonly spectra: readonly Spectrum[];
  readonly stepsDone: number;
  /** False when the run was interrupted before the last step. */
  readonly finished: boolean;
}

/** How and with what a run was made; what trains does not look at the machine itself. */
export interface Provenance {
  /** The command line that repeats the run. */
  readonly command: string;
  /** Date of the run, ISO 8601. */
  readonly date: string;
  /** Version of each program involved, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A whole comparison: how it was made, and one result per method in the order they ran. */
export interface CompareResult extends Provenance {
  readonly title: string;
  readonly seed: number;
  /** Steps asked for, per method. */
  readonly steps: number;
  /** The data set in words. */
  readonly data: string;
  /** The model in words. */
  readonly model: string;
  readonly interrupted: boolean;
  readonly methods: readonly MethodResult[];
}
