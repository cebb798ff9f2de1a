#!/usr/bin/env node
import { ablateCommand } from './lab/compare/ablate.ts';
import { compareCommand } from './lab/compare/command.ts';
import { doctorCommand } from './lab/doctor/command.ts';
import { embedCommand } from './lab/embed/command.ts';
import { evaluateCommand } from './lab/evaluate/command.ts';
import { graphCommand } from './lab/graph/command.ts';
import { lmCommand } from './lab/lm/command.ts';
import { pruneCommand } from './lab/prune/command.ts';
import { translateCommand } from './lab/translate/command.ts';
import { ReportedError, UsageError } from './lab/usage.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  compare: compareCommand,
  ablate: ablateCommand,
  graph: graphCommand,
  embed: embedCommand,
  lm: lmCommand,
  evaluate: evaluateCommand,
  prune: pruneCommand,
  translate: translateCommand,
  doctor: doctorCommand,
};

const help = `Usage: spectragrad <command> [options]

  compare   train an MLP on digits with full-rank training, SST, LoRA, ReLoRA* and GaLore
  ablate    train it with variants of SST that differ in one switch
  graph     train HyboNet, HGCN, GCN and others on a graph with those methods
  embed     embed a tree of WordNet in the Poincaré ball or the Lorentz model
  translate train Transformers to translate with those methods
  lm        train language models on text with those methods
  evaluate  measure language models in zero-shot tasks and on texts
  prune     leave small singular values of language models out, and measure them
  doctor    show what this machine computes with, and whether it computes rightly

spectragrad <command> --help shows a command's options.`;

/** Run one command; the exit code comes back. A mistake on the command line is one sentence and code 2. */
async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help') {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  try {
    if (!Object.hasOwn(commands, name)) throw new UsageError(`there is no command '${name}'`);
    return await commands[name](rest);
  } catch (error) {
    if (!(error instanceof ReportedError)) throw error;
    const where = error instanceof UsageError ? ` (see spectragrad ${name in commands ? `${name} ` : ''}--help)` : '';
    process.stderr.write(`spectragrad: ${error.message}${where}\n`);
    return error.exitCode;
  }
}

process.exitCode = await main(process.argv.slice(2));
