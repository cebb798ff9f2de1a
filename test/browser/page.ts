/** What runs in the page: the work of `work.ts`, and what the page is told to try, as JSON on the window. */
import { deviceInfo, setThreads } from '../../src/index.ts';
import { type Work, work } from './work.ts';

/** What a page reports. */
export interface PageReport extends Work {
  readonly info: ReturnType<typeof deviceInfo>;
  /** Milliseconds of the work. */
  readonly ms: number;
  /** The same work with two threads, or why there are none. */
  readonly threaded: Work | string;
}

async function threaded(steps: number): Promise<Work | string> {
  try {
    await setThreads(2);
    return await work(steps);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

async function report(): Promise<PageReport> {
  const steps = 20;
  await work(2);
  const start = performance.now();
  const done = await work(steps);
  const ms = performance.now() - start;
  const info = deviceInfo();
  return { ...done, info, ms, threaded: await threaded(steps) };
}

const page = globalThis as { report?: PageReport; failure?: string };
report().then(
  (found) => {
    page.report = found;
  },
  (error: Error) => {
    page.failure = `${error.stack}`;
  },
);
