import type { OthersBoard } from '../store/redis/shared-challenges.ts';
import type { ChallengeAnswer } from '../tls/acme/challenge.ts';

/** Far more than orders under way can have. */
const answersMax = 1_000;

/** Hands challenges to the data plane and waits until every worker answers them: an issuer may ask any of them. */
export class ChallengeDesk implements OthersBoard {
  readonly #publish: (version: number, answers: readonly ChallengeAnswer[]) => void;
  readonly #answers = new Set<ChallengeAnswer>();
  #others: readonly ChallengeAnswer[] = [];
  readonly #waiting: { readonly version: number; readonly resolve: () => void }[] = [];
  #version = 0;

  constructor(publish: (version: number, answers: readonly ChallengeAnswer[]) => void) {
    this.#publish = publish;
  }

  async show(answer: ChallengeAnswer): Promise<{ remove(): void }> {
    if (this.#answers.size >= answersMax) throw new Error('too many challenges are under way');
    this.#answers.add(answer);
    await this.#told();
    return {
      remove: () => {
        if (this.#answers.delete(answer)) this.#tell();
      },
    };
  }

  async showOthers(answers: readonly ChallengeAnswer[]): Promise<void> {
    this.#others = answers;
    await this.#told();
  }

  /** Every worker answers what was published under this version. */
  shown(version: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].version <= version) this.#waiting.shift()?.resolve();
  }

  /** Resolves once every worker has it. */
  #told(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ version: this.#version + 1, resolve });
    this.#tell();
    return promise;
  }

  #tell(): void {
    this.#publish(++this.#version, [...this.#answers, ...this.#others]);
  }
}
