import type { Problem } from '../labels/problem.ts';
import type { OwnAnswerView } from './explain-answer.ts';
import type { StepView } from './explain-step.ts';
import type { BackendChance, CandidateView, ExplainView } from './explain-view.ts';
import { problemLines } from './problem-lines.ts';
import { terminalText } from './text-table.ts';

/** How a text is shown. */
export interface TextStyle {
  readonly colours: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
}

export const plainStyle: TextStyle = { colours: false, columns: 100 };

type Tone = 'good' | 'bad' | 'doubtful' | 'quiet' | 'bold';

const codes: Readonly<Record<Tone, number>> = { good: 32, bad: 31, doubtful: 33, quiet: 2, bold: 1 };
const columnsMin = 40;
/** Room for a text behind its lead, however long that is. */
const textColumnsMin = 20;
const nameCharsMax = 14;
/** The name of a step is that of a label, which may have any length. */
const labelCharsMax = 30;

/** An explanation for a terminal. */
export function explainText(view: ExplainView, style: TextStyle = plainStyle): string {
  return new Page(style).write(view);
}

/** Lines that are as wide as the terminal, whose control characters it never sees. */
class Page {
  readonly #style: TextStyle;
  readonly #lines: string[] = [];

  constructor(style: TextStyle) {
    this.#style = style;
  }

  write(view: ExplainView): string {
    const {
      method,
      url,
      ip,
      route,
      tls,
      why,
      answer,
      candidates,
      steps,
      backends,
      nearestHosts,
      notes,
      unserved,
      problems,
    } = view;
    this.#add('', `${method} ${url} from ${ip}`, 'bold');
    if (route === null) this.#add('', 'NO ROUTE', 'bad');
    else this.#add('', `ROUTE ${route}`, 'good');
    this.#add('  ', why);
    this.#add('  ', `TLS: ${tls.does}`);
    for (const note of notes) this.#add('  ', note);
    if (answer !== null) this.#add('  → ', answerText(answer), answerTone(answer));
    else if (view.picked !== null) this.#add('  → ', `${view.picked}: ${view.pickedBy}`, 'good');
    else if (view.pickedBy !== '') this.#add('  → ', view.pickedBy, 'good');
    this.#section('NEAREST HOSTS', nearestHosts, (host) => this.#add('  ', host));
    this.#section('IN LABELS, BUT WITHOUT A ROUTE', unserved, ({ container, label, why: because }) =>
      this.#add('  ✗ ', `${container} ${label}: ${because}`, 'bad'),
    );
    this.#section('PROBLEMS', problems, (problem) => this.#problem(problem));
    this.#section('CANDIDATES', candidates, (one) =>
      this.#add(`  ${candidateMark(one)} `, candidateWords(one), candidateTone(one)),
    );
    const width = Math.min(nameCharsMax, Math.max(0, ...steps.map(({ step }) => step.length)));
    this.#section('STEPS', steps, (one) => this.#step(one, width));
    this.#section('BACKENDS', backends, (one) => this.#backend(one, view.picked));
    return this.#lines.join('\n');
  }

  #step({ step, does, verdict, reached, active, status, reason }: StepView, width: number): void {
    const stops = verdict === 'stop' ? `${[status, reason].filter((part) => part !== null).join(' ')}: ` : '';
    const says = reached ? `${stops}${does}` : `not reached: ${does}`;
    const [mark, tone] = !reached || !active ? (['·', 'quiet'] as const) : marks[verdict];
    const name = step.length > labelCharsMax ? `${step.slice(0, labelCharsMax - 1)}…` : step;
    this.#add(`  ${mark} ${`${name}:`.padEnd(width + 1)} `, says, tone);
  }

  #backend({ container, address, state, takes, reason, share, inFlight }: BackendChance, picked: string | null): void {
    const more = [
      ...(reason === '' ? [] : [reason]),
      ...(share === null ? [] : [`${Math.round(share * 100)} %`]),
      ...(inFlight === null ? [] : [`${inFlight} in flight`]),
      ...(container === picked ? ['picked'] : []),
    ];
    const words = `${container} ${address || '-'} ${state}${more.length === 0 ? '' : `: ${more.join(', ')}`}`;
    this.#add(`  ${takes ? '✓' : '✗'} `, words, takes ? 'good' : 'bad');
  }

  #problem(problem: Problem): void {
    const [culprit = '', ...mend] = problemLines(problem);
    this.#add(`  ${culprit.slice(0, 2)}`, culprit.slice(2), problemTones[problem.severity]);
    for (const line of mend) this.#add('    ', line.trimStart());
  }

  #section<T>(title: string, items: readonly T[], each: (item: T) => void): void {
    if (items.length === 0) return;
    this.#lines.push('', this.#toned(title, 'bold'));
    for (const item of items) each(item);
  }

  /** One text, the lines behind its first one as far in as that. */
  #add(lead: string, text: string, tone?: Tone): void {
    const columns = Math.max(columnsMin, this.#style.columns) - lead.length;
    const shown = wrapped(terminalText(text), Math.max(textColumnsMin, columns));
    const indent = ' '.repeat(lead.length);
    for (const [at, line] of shown.entries())
      this.#lines.push(this.#toned(`${at === 0 ? terminalText(lead) : indent}${line}`, tone));
  }

  #toned(text: string, tone: Tone | undefined): string {
    return tone === undefined || !this.#style.colours ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;
  }
}

const marks = {
  pass: ['✓', undefined],
  changes: ['✓', undefined],
  stop: ['✗', 'bad'],
  unknown: ['?', 'doubtful'],
} as const satisfies Record<StepView['verdict'], readonly [string, Tone | undefined]>;

const problemTones = { error: 'bad', warning: 'doubtful', info: undefined } as const;

/** By words; one that is longer than a line is cut. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
    line = rest;
  }
  return [...lines, line];
}

export function answerText({ status, reason, meaning }: OwnAnswerView): string {
  return status === null ? meaning : `${status} ${reason}: ${meaning}`;
}

function answerTone({ status }: OwnAnswerView): Tone {
  return status !== null && status < 400 ? 'good' : 'bad';
}

export function candidateText(candidate: CandidateView): string {
  return `${candidateMark(candidate)} ${candidateWords(candidate)}`;
}

function candidateMark({ verdict }: CandidateView): string {
  return { taken: '✓', beaten: '·', lacking: '✗' }[verdict];
}

function candidateWords({ route, verdict, lacked }: CandidateView): string {
  switch (verdict) {
    case 'taken':
      return route;
    case 'beaten':
      return `${route} would take it too, but stands behind`;
    case 'lacking':
      return `${route} wants ${lacked.join(', ')}`;
    default:
      return verdict satisfies never;
  }
}

function candidateTone({ verdict }: CandidateView): Tone | undefined {
  return { taken: 'good', beaten: 'quiet', lacking: undefined }[verdict] as Tone | undefined;
}
