import { cpu, type Device } from './device.ts';
import { newData } from './dtype.ts';
import { DeviceError, GradError } from './errors.ts';
import { unpin } from './scope.ts';
import { Tensor } from './tensor.ts';

/** @throws GradError when a recorded call made the tensor */
function checkLeaf(op: string, x: Tensor): void {
  if (!x.isLeaf) throw new GradError(op, 'a graph stays on its device: detach() first', [x.shape]);
}

/**
 * Move a tensor itself, for whoever holds it already: a module, an optimizer. Tensors that share its storage are to be moved too. Its
 * gradient is forgotten.
 * @throws as `Tensor.to` does, before anything is moved
 */
export function moveTo(x: Tensor, device: Device): void {
  if (x.device === device) return;
  checkLeaf('to', x);
  const { storage, dtype } = x;
  if (x.device === cpu && storage.held === null) {
    unpin(x);
    const { data } = storage;
    const sent = new Tensor(storage, [data?.length ?? 0], dtype).to(device).storage;
    storage.hold(sent.held?.retain() ?? null);
    storage.data = sent.data;
    sent.release('moved');
  } else if (device.remote === undefined || storage.held === null)
    throw new DeviceError('to', `its values are on '${x.device.name}': move it to the host first, await cpu()`, [
      x.shape,
    ]);
  x.zeroGrad();
  x.device = device;
}

/** Move a tensor itself back to the host. @throws as `Tensor.read` does, rejecting, before anything is moved */
export async function moveToHost(x: Tensor): Promise<void> {
  const { storage, device, dtype } = x;
  if (device === cpu) return;
  checkLeaf('cpu', x);
  if (storage.held !== null) {
    const whole = new Tensor(storage, [storage.held.size], dtype, device);
    const data = (await whole.read()).slice();
    storage.hold(null);
    storage.data = data;
  } else if (device.remote !== undefined) storage.data ??= newData(dtype, x.size);
  else throw new DeviceError('cpu', `a tensor on '${device.name}' has no values`, [x.shape]);
  x.zeroGrad();
  x.device = cpu;
}
