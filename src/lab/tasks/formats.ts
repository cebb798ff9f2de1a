import { isObject } from '../../tensor/io/json.ts';
import { shown } from '../data/damaged.ts';
import type { ChoiceItem } from './choices.ts';
import type { JsonLine } from './jsonLine.ts';

/** Name of a form. */
export type TaskFormatName = 'choices' | 'arc' | 'hellaswag';

/** A form that a line may have. */
export interface TaskFormat {
  /** The member that tells it from the others. */
  readonly sign: string;
  /** @throws DamagedFile when the line is not what it should be */
  read(line: JsonLine): ChoiceItem;
}

/** The forms of files with choices, by name. */
export const taskFormats: Readonly<Record<TaskFormatName, TaskFormat>> = {
  choices: { sign: 'gold', read: readChoices },
  arc: { sign: 'answerKey', read: readArc },
  hellaswag: { sign: 'endings', read: readHellaSwag },
};

/** Our own form: `{ "context": text, "choices": [text …], "gold": place from 0 }`. */
function readChoices(line: JsonLine): ChoiceItem {
  const choices = line.texts('choices');
  return { context: line.text('context'), choices, gold: placeIn(line, 'gold', line.get('gold'), choices) };
}

/**
 * A line of ARC, as AI2 publishes it (`question.stem`, `question.choices` with `text` and `label`) or as data sets of Hugging Face have it
 * (`question`, `choices.text`, `choices.label`); `answerKey` is the label of the right choice.
 * @source Clark et al., "Think you have solved question answering?", arXiv 1803.05457; the wording of the LM Evaluation Harness, task `arc_easy`
 */
function readArc(line: JsonLine): ChoiceItem {
  const published = isObject(line.get('question'));
  const context = `Question: ${line.text(published ? 'question.stem' : 'question')}\nAnswer:`;
  const [choices, labels] = published ? listedChoices(line) : [line.texts('choices.text'), line.texts('choices.label')];
  const gold = labels.indexOf(line.text('answerKey'));
  if (labels.length !== choices.length) line.refuse(`${choices.length} choices have ${labels.length} labels`);
  if (gold < 0) line.refuse(`'answerKey' is one of ${labels.join(', ')}, got ${shown(line.get('answerKey'))}`);
  return { context, choices, gold };
}

function listedChoices(line: JsonLine): [choices: readonly string[], labels: readonly string[]] {
  const list = line.get('question.choices');
  const count = Array.isArray(list) ? list.length : 0;
  if (count < 2) line.refuse(`'question.choices' is a list, two or more, got ${shown(list)}`);
  const all = (name: string): string[] =>
    Array.from({ length: count }, (_, i) => line.text(`question.choices.${i}.${name}`));
  return [all('text'), all('label')];
}

/**
 * A line of HellaSwag: what is going on, a beginning in two parts (or in one, `ctx`), four endings, and which is right. Texts are cleaned of the marks that
 * WikiHow left in them, and the second part is made to begin with a capital, the rest of it small.
 * @source Zellers et al., "HellaSwag: can a machine really finish your sentence?", arXiv 1905.07830; the cleaning of the LM Evaluation Harness
 */
function readHellaSwag(line: JsonLine): ChoiceItem {
  const parts = line.get('ctx_a') !== undefined && line.get('ctx_b') !== undefined;
  const [a, b] = [line.get('ctx_a'), line.get('ctx_b')];
  if (parts && (typeof a !== 'string' || typeof b !== 'string'))
    line.refuse(`'ctx_a' and 'ctx_b' are texts, got ${shown(a)} and ${shown(b)}`);
  const beginning = parts ? `${a} ${capitalised(b as string)}` : line.text('ctx');
  const choices = line.texts('endings').map(cleaned);
  const label = line.get('label');
  const place = typeof label === 'string' && /^\d+$/.test(label) ? Number(label) : label;
  const empty = choices.indexOf('');
  if (empty >= 0) line.refuse(`ending ${empty} has nothing but marks`);
  return {
    context: cleaned(`${line.text('activity_label')}: ${beginning}`),
    choices,
    gold: placeIn(line, 'label', place, choices),
  };
}

function capitalised(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** `[title]` is a full stop, other brackets go with what is in them, and then two spaces are one. */
const cleaned = (text: string): string =>
  text
    .trim()
    .replaceAll(' [title]', '. ')
    .replace(/\[.*?\]/g, '')
    .replaceAll('  ', ' ');

function placeIn(line: JsonLine, member: string, value: unknown, choices: readonly string[]): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < choices.length) return value;
  return line.refuse(`'${member}' is a whole number in 0..${choices.length - 1}, got ${shown(line.get(member))}`);
}
