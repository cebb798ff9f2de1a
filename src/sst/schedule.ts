/** The lengths that a run of Sparse Spectral Training is divided into. */
export interface Clock {
  /** T3: optimizer steps between two samplings. */
  readonly stepsPerIteration: number;
  /** T2: samplings between two decompositions. */
  readonly iterationsPerRound: number;
}

/** Where a step lies. */
export interface Position {
  readonly round: number;
  /** Within its round. */
  readonly iteration: number;
  /** Within its iteration. */
  readonly step: number;
}

/**
 * The position of a step, counted from 0.
 * @source arXiv 2405.15481, Algorithm 2
 */
export function positionOf(step: number, { stepsPerIteration, iterationsPerRound }: Clock): Position {
  const iteration = Math.floor(step / stepsPerIteration);
  return {
    round: Math.floor(iteration / iterationsPerRound),
    iteration: iteration % iterationsPerRound,
    step: step % stepsPerIteration,
  };
}
