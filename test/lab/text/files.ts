/** Folders of text files that go when the tests have run. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReportedError } from '../../../src/lab/usage.ts';

/** Contents by name. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Write files into a new folder inside `root`. @returns its path */
export function folderIn(root: string, name: string, files: Files): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

/** Fails unless `read` is refused in one line of this form, for a reader of the command line. */
export function assertRefused(read: () => unknown, why: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof ReportedError, `not a ReportedError: ${error}`);
    assert.match(error.message, why);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}
