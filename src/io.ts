export type { Bytes, NamedTensors } from './tensor/io/bytes.ts';
export { readFile, saveFile } from './tensor/io/files.ts';
export { readNpy, writeNpy } from './tensor/io/npy.ts';
export { readNpz, writeNpz } from './tensor/io/npz.ts';
export {
  readSafetensors,
  type Safetensors,
  type SafetensorsOptions,
  writeSafetensors,
} from './tensor/io/safetensors.ts';
