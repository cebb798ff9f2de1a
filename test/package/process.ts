import { spawn } from 'node:child_process';

/**
 * Standard output of a program, run without a shell.
 * @throws Error holding both outputs, when the program fails
 */
export function outputOf(
  command: string,
  args: readonly string[],
  { cwd, input = '' }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(out);
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${status}\n${out}${errors}`));
    });
    child.stdin.on('error', () => {}); // a program that ends before it reads
    child.stdin.end(input);
  });
}
