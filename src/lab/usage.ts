/** An error whose message is all that a reader of the command line needs: it is shown alone, without a stack. */
export class ReportedError extends Error {
  readonly exitCode: number = 1;
}

/** A mistake on the command line: one sentence for the reader, exit code 2. */
export class UsageError extends ReportedError {
  override readonly exitCode: number = 2;
}
