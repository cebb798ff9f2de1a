import { cpu, type RemoteCall } from '../device.ts';
import { type Data, type DType, newData } from '../dtype.ts';
import type { Spec } from '../kernel.ts';
import { sizeOf } from '../shape.ts';
import { Storage } from '../storage.ts';
import { Tensor } from '../tensor.ts';
import type { GpuArray } from './held.ts';
import type { Made, Runner } from './launch.ts';

/** Elements of the device as the host has them: an array of its own. */
export function withDType(values: Float32Array, dtype: DType): Data {
  const data = newData(dtype, values.length);
  data.set(values);
  return data;
}

const hostTensor = ({ shape, dtype }: Spec, values: Float32Array): Tensor =>
  new Tensor(new Storage(withDType(values.subarray(0, sizeOf(shape)), dtype)), shape, dtype, cpu);

/** Compute a call on the host: operands come from the device, results go there, in the order of everything else. */
export function onHost(runner: Runner, call: RemoteCall, operands: readonly GpuArray[]): readonly GpuArray[] {
  const { name, inputs, specs } = call;
  const ys = specs.map(({ shape }) => runner.empty(sizeOf(shape)));
  const computed = (values: readonly Float32Array[]): readonly Float32Array[] =>
    call.onHost(inputs.map((x, i) => hostTensor(x, values[i]))).map((y) => Float32Array.from(y.data));
  const later = async (): Promise<Made> => {
    const made = computed(await Promise.all(operands.map((x) => runner.values(x))));
    return Promise.all(made.map((data) => runner.sent(data)));
  };
  const now = () => computed(operands.map((x) => runner.valuesNow(x))).map((data) => runner.sentNow(data));
  runner.traffic.reads += operands.length;
  runner.traffic.uploads += ys.length;
  runner.task(name, ys, operands, runner.queue.later ? later : now);
  return ys;
}
