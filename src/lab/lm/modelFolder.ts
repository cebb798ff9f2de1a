import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { DecoderOnly } from '../../nn/sequenceModel.ts';
import { loadStateDict } from '../../nn/state.ts';
import { DeviceError, DomainError, DTypeError } from '../../tensor/errors.ts';
import { readFile } from '../../tensor/io/files.ts';
import { readSafetensors } from '../../tensor/io/safetensors.ts';
import { Rng } from '../../tensor/rng.ts';
import { DamagedFile } from '../data/damaged.ts';
import type { BytePairTokenizer } from '../text/bytePair.ts';
import { readTokenizer, writeTokenizer } from '../text/tokenizerFile.ts';
import { ReportedError } from '../usage.ts';
import { configurationJson, type LmConfiguration, modelOf, readConfiguration } from './configuration.ts';

/** A language model with what it reads. */
export interface LoadedModel {
  /** The folder's name. */
  readonly name: string;
  readonly configuration: LmConfiguration;
  readonly tokenizer: BytePairTokenizer;
  readonly model: DecoderOnly;
}

const names = { configuration: 'config.json', tokenizer: 'tokenizer.json', weights: 'model.safetensors' } as const;

/** Where the weights of a model folder are. */
export const weightsPath = (folder: string): string => join(folder, names.weights);

/** Make a model folder, with everything but the weights. */
export function writeModelFolder(folder: string, configuration: LmConfiguration, tokenizer: BytePairTokenizer): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, names.configuration), configurationJson(configuration, tokenizer.special));
  writeTokenizer(join(folder, names.tokenizer), tokenizer);
}

/**
 * A language model from a folder with `config.json`, `tokenizer.json` and `model.safetensors`, in the formats of Hugging Face: one that `lm` wrote, or
 * an OPT or LLaMA from elsewhere.
 * @throws ReportedError when a file is missing, DamagedFile when one is not what it should be; each names the file
 */
export function readModelFolder(folder: string): LoadedModel {
  const all = Object.values(names);
  const [configurationPath, tokenizerPath, path] = all.map((name) => join(folder, name));
  const missing = all.find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined)
    throw new ReportedError(`${join(folder, missing)}: no such file; a model's folder has ${all.join(', ')}`);
  const configuration = readConfiguration(configurationPath);
  const tokenizer = readTokenizer(tokenizerPath);
  if (tokenizer.size > configuration.vocabulary)
    throw new DamagedFile(
      tokenizerPath,
      null,
      `has ${tokenizer.size} tokens, and ${names.configuration} says ${configuration.vocabulary}`,
    );
  const model = fitting(configurationPath, () => modelOf(configuration, { rng: new Rng(0) }));
  fitting(path, () => loadStateDict(model, readSafetensors(readFile(path)).tensors));
  return { name: basename(resolve(folder)), configuration, tokenizer, model };
}

/** Make something of a file. @throws DamagedFile naming it */
function fitting<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const known = error instanceof DomainError || error instanceof DTypeError || error instanceof DeviceError;
    throw known ? new DamagedFile(path, null, error.message) : error;
  }
}
