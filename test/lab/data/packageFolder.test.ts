import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { packageFolder, wrongPackage } from '../../../src/lab/data/packageFolder.ts';
import { ReportedError } from '../../../src/lab/usage.ts';

/** A name that no registry would take, so that it is nowhere above the folder of temporary files either. */
const wanted = { name: 'No Such Data', version: '1.2.3', holds: 'The numbers' };

describe('a package of data', () => {
  const root = mkdtempSync(join(tmpdir(), 'spectragrad-'));
  after(() => rmSync(root, { recursive: true }));
  const start = (place: string): string => join(root, place, 'package.json');
  const install = (place: string): string => {
    const folder = join(root, place, 'node_modules', wanted.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "exports": {} }');
    return folder;
  };

  test('that is missing is one line that says how to get it', () => {
    const look = (): unknown => packageFolder(wanted, [start('a'), start('b')]);
    assert.throws(look, /^Error: The numbers come from [^\n]*: npm install No Such Data@1\.2\.3$/);
    assert.throws(look, ReportedError);
    assert.throws(() => packageFolder(wanted), ReportedError);
  });

  test('is found from the first place that has it, whatever it exports', () => {
    const second = install('b');
    assert.equal(packageFolder(wanted, [start('a'), start('b')]), second);
    const first = install('a');
    assert.equal(packageFolder(wanted, [start('a'), start('b')]), first);
    assert.equal(packageFolder(wanted, [start('a/deeper'), start('b')]), first);
  });

  test('of another form is refused in one line', () => {
    const error = wrongPackage(wanted);
    assert.ok(error instanceof ReportedError, 'a ReportedError');
    assert.match(error.message, /^The numbers are not those of .* 1\.2\.3: npm install No Such Data@1\.2\.3$/);
  });
});
