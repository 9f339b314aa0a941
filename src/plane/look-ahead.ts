import type { Clock } from '../base/clock.ts';
import { BucketTable, bucketMemory } from '../limit/bucket-table.ts';
import { Gathering } from './gathering.ts';
import type { FromDataPlane, FromWorker, ToDataPlane } from './messages.ts';
import { processClock } from './process-clock.ts';

/** Whoever wonders about a request is a person who waits. */
const foresightMsMax = 400;

type Question = Extract<ToDataPlane, { type: 'foresee' | 'backlog' }>;
type Answer = Extract<FromDataPlane, { type: 'foresights' | 'backlog' }>;

/** What would become of a request that nobody has sent, as far as the data plane knows it. */
export class LookAhead {
  /** Of the limits of all workers. */
  readonly buckets = bucketMemory();
  readonly #table = new BucketTable(this.buckets, processClock());
  readonly #foresights: Gathering<Extract<FromWorker, { type: 'foresight' }>>;
  readonly #workers: number;

  constructor(clock: Clock, { workers }: { readonly workers: number }) {
    this.#foresights = new Gathering(clock, { timeoutMs: foresightMsMax });
    this.#workers = workers;
  }

  /** @param tell passes the question to all workers. */
  async answer(question: Question, tell: (question: Question & { type: 'foresee' }) => void): Promise<Answer> {
    const { type, ask } = question;
    if (type === 'backlog') return { type, ask, backlogMs: this.#table.backlog(question.scope, question.key) };
    const answers = await this.#foresights.ask(ask, this.#workers, () => tell(question));
    const foresights = answers.map(({ foresight }) => foresight);
    return { type: 'foresights', ask, workers: this.#workers, foresights };
  }

  /** A worker has said what it would do. */
  heard(answer: Extract<FromWorker, { type: 'foresight' }>): void {
    this.#foresights.answered(answer);
  }
}
