import { bytesOf } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import { crew, leastAwake, partsFor } from './crew.ts';
import type { Entry } from './family.ts';
import { type Room, reserveBytes, rewind, roomMark, theRoom } from './memory.ts';

/** What a kernel reads or writes, and which part of it belongs to one unit of the work. */
export interface Share {
  readonly tensor: Tensor;
  /** Elements from one unit to the next; 0 when every unit uses the same. */
  readonly step: number;
  /** Whether units read beyond their own step, so that all of it must be at hand. Always so when `step` is 0. */
  readonly whole?: boolean;
  /** Whether it is a result: all of it is written. */
  readonly write?: boolean;
}

/** How the work may be divided. */
export interface Work {
  /** Units in all: rows, or elements. */
  readonly count: number;
  /** Parts begin at multiples of this many units. Default 1. */
  readonly grain?: number;
  /** Nanoseconds that one unit takes, about: little work is not handed to workers. */
  readonly cost: number;
  /** Bytes that each part needs for itself: its address is the last argument. Default 0. */
  readonly scratch?: number;
}

/** Bytes of operands that are copied in at a time. */
const blockBytes = 1 << 17;

/**
 * Run a kernel over all units: `entry(addresses of the shares…, units, ...params, scratch?)`. Operands in the memory are worked on where
 * they lie; others are copied in, and results out, a block at a time. With threads each takes a part of a block.
 *
 * @returns false, nothing written, when there was no room for the copies
 */
export function launch(entry: Entry, shares: readonly Share[], work: Work, params: readonly number[] = []): boolean {
  if (work.count === 0) return true;
  const parts = crew.size === 1 ? 1 : partsOf(shares, work);
  if (parts === 1 && !work.scratch && shares.every(isAtHand)) {
    entry.run(...shares.map(addressAtHand), work.count, ...params);
    return true;
  }
  const mark = roomMark();
  try {
    const block = blockOf(shares, work, parts);
    const addresses = shares.map((share) => addressOf(share, block));
    const scratch = work.scratch ? reserveBytes(work.scratch * parts) : 0;
    const fits = !addresses.includes(0) && !(work.scratch && scratch === 0);
    if (fits) runBlocks({ entry, shares, work, params, scratch, parts }, addresses, block);
    return fits;
  } finally {
    rewind(mark);
  }
}

const isAtHand = ({ tensor }: Share): boolean => tensor.storage.address !== 0;
const addressAtHand = ({ tensor }: Share): number => tensor.storage.address + tensor.offset * bytesOf(tensor.dtype);

/** Into how many parts the work is worth dividing: where it is copied in blocks, each of them must be. */
function partsOf(shares: readonly Share[], work: Work): number {
  const block = blockOf(shares, work, 1);
  return block < work.count && block * work.cost < leastAwake() ? 1 : partsFor(work.count * work.cost);
}

/** Units that are copied in at a time: all, when nothing is copied in parts. */
function blockOf(shares: readonly Share[], { count, grain = 1 }: Work, parts: number): number {
  let bytes = 0;
  for (const share of shares) if (isPassing(share)) bytes += share.step * bytesOf(share.tensor.dtype);
  if (bytes === 0) return count;
  const units = Math.ceil((blockBytes * parts) / bytes);
  return Math.min(count, Math.max(grain, units - (units % grain)));
}

/** Whether an operand is copied block by block. */
const isPassing = ({ tensor, step, whole = false }: Share): boolean =>
  tensor.storage.address === 0 && step !== 0 && !whole;

/** Where an operand lies, or a copy of it or of its current block will; 0 when there is no room for one. */
function addressOf(share: Share, block: number): number {
  if (isAtHand(share)) return addressAtHand(share);
  const { tensor, step } = share;
  const bytes = bytesOf(tensor.dtype);
  if (isPassing(share)) return reserveBytes(block * step * bytes);
  const { data } = tensor;
  const address = reserveBytes(data.length * bytes);
  if (address !== 0 && share.write !== true) (theRoom() as Room)[tensor.dtype].set(data, address / bytes);
  return address;
}

interface Job {
  readonly entry: Entry;
  readonly shares: readonly Share[];
  readonly work: Work;
  readonly params: readonly number[];
  readonly scratch: number;
  readonly parts: number;
}

function runBlocks(job: Job, addresses: readonly number[], block: number): void {
  const { shares, work } = job;
  for (let from = 0; from < work.count; from += block) {
    const units = Math.min(block, work.count - from);
    for (let i = 0; i < shares.length; i++)
      if (shares[i].write !== true && isPassing(shares[i])) copyIn(shares[i], addresses[i], from, units);
    runParts(job, addresses, from, units);
    for (let i = 0; i < shares.length; i++)
      if (shares[i].write === true && isPassing(shares[i])) copyOut(shares[i], addresses[i], from, units);
  }
  for (let i = 0; i < shares.length; i++) {
    const { tensor, write } = shares[i];
    if (write === true && tensor.storage.address === 0 && !isPassing(shares[i])) copyOut(shares[i], addresses[i], 0, 0);
  }
}

/** Copy a block of units into the memory. */
function copyIn({ tensor, step }: Share, address: number, from: number, units: number): void {
  const { data } = tensor;
  const part = units * step === data.length ? data : data.subarray(from * step, (from + units) * step);
  (theRoom() as Room)[tensor.dtype].set(part, address / bytesOf(tensor.dtype));
}

/** Copy a block of results out, or, when there are no units, all of them. */
function copyOut({ tensor, step }: Share, address: number, from: number, units: number): void {
  const { data } = tensor;
  const at = address / bytesOf(tensor.dtype);
  const length = units === 0 ? data.length : units * step;
  data.set((theRoom() as Room)[tensor.dtype].subarray(at, at + length), from * step);
}

/** Units from … from + units − 1, each worker taking a part and this thread the first. */
function runParts(job: Job, at: readonly number[], from: number, units: number): void {
  const { entry, work, parts } = job;
  const { grain = 1 } = work;
  const each = Math.ceil(units / parts / grain) * grain;
  if (parts === 1 || each >= units) entry.run(...argsOf(job, at, from, 0, units));
  else
    crew.run(entry, Math.ceil(units / each), (part) =>
      argsOf(job, at, from, part, Math.min(each, units - part * each), part * each),
    );
}

/** What the kernel is called with for units from … + units − 1 of the block that begins at `from`. */
function argsOf(
  { shares, work, params, scratch }: Job,
  at: readonly number[],
  from: number,
  part: number,
  units: number,
  first: number = 0,
): number[] {
  const args: number[] = [];
  for (let i = 0; i < shares.length; i++) {
    const { tensor, step } = shares[i];
    const before = isPassing(shares[i]) ? first : from + first;
    args.push(at[i] + before * step * bytesOf(tensor.dtype));
  }
  args.push(units, ...params);
  if (work.scratch) args.push(scratch + part * work.scratch);
  return args;
}
