/** Files are written whole or not at all. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Rng } from '../../../src/index.ts';
import { readFile, readSafetensors, saveFile } from '../../../src/io.ts';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
after(() => rmSync(folder, { recursive: true }));

test('what is saved is read, over an older file too, and nothing else is left', () => {
  const path = join(folder, 'a');
  for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(100_000).fill(7)]) {
    saveFile(path, bytes);
    assert.deepEqual(Uint8Array.from(readFile(path)), bytes);
  }
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('a folder that is not there, or a folder of that name, is an error that leaves nothing behind', () => {
  assert.throws(() => saveFile(join(folder, 'none', 'a'), Uint8Array.of(1)), /ENOENT/);
  assert.throws(() => saveFile(folder, Uint8Array.of(1)), /EISDIR|ENOTEMPTY|EEXIST|EBUSY/);
  assert.equal(existsSync(`${folder}.tmp`), false);
  assert.throws(() => readFile(join(folder, 'none')), /DeviceError.*ENOENT/);
  for (const path of ['', 'a\0b', 7, null]) assert.throws(() => readFile(path as string), /DomainError/);
  assert.throws(() => saveFile(join(folder, 'b'), [1] as unknown as Uint8Array), /DTypeError/);
});

test('a process that is killed while it saves leaves the old file or the new one', async () => {
  const path = join(folder, 'killed');
  const rng = new Rng(4);
  writeFileSync(`${path}.tmp`, 'left by an earlier crash');
  for (let round = 0; round < 6; round++) {
    const saver = fileURLToPath(new URL('saver.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', saver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    await setTimeout(5 + 60 * rng.uniform());
    child.kill('SIGKILL');
    await closed;
    const { tensors, metadata } = readSafetensors(readFile(path));
    const expected = Number(metadata.get('i'));
    assert.ok(tensors.get('x')?.data.every((v) => v === expected) === true, `a mixture after ${expected} saves`);
  }
});
