/** A mistake on the command line: one sentence for the reader, exit code 2. */
export class UsageError extends Error {}
