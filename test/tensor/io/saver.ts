/** A process to be killed: saves a file over and over, each time with another content of one repeated number. */
import { writeSync } from 'node:fs';
import { full } from '../../../src/index.ts';
import { saveFile, writeSafetensors } from '../../../src/io.ts';

const [path] = process.argv.slice(2);
for (let i = 1; ; i++) {
  const x = full([50_000], i);
  saveFile(path, writeSafetensors({ x }, { metadata: { i: `${i}` } }));
  if (i === 1) writeSync(1, 'saving\n');
}
