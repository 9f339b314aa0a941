import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { isPurgedBy, type PurgeRule } from '../purge.ts';
import type { CacheDirectory } from './cache-directory.ts';
import { provenMode } from './disk-store.ts';
import type { DiskUsage } from './disk-usage.ts';
import { openEntry } from './open-entry.ts';

export interface JanitorOptions {
  readonly directory: CacheDirectory;
  readonly usage: DiskUsage;
  readonly bytesMax: number;
  /** An entry that nobody asks for goes after so many ms; 0 = it stays. */
  readonly inactiveMs: number;
  readonly clock: Clock;
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
  readonly proven: boolean;
}

/** How often it looks whether there is too much, and how often at every file. */
const lookMs = 1_000;
const roundMs = 60_000;
/** After a round so much of the maximum is left at most. */
const keptShare = 0.9;
/** Entries that were never asked for again go first, down to this share of the maximum. */
const probationShare = 0.1;

/** Keeps the directory within its bounds; one for all workers, on a thread that serves nobody. */
export class DiskJanitor {
  readonly #options: JanitorOptions;
  #timer: Timer | null = null;
  #lastRoundMs = Number.NEGATIVE_INFINITY;
  entries = 0;

  constructor(options: JanitorOptions) {
    this.#options = options;
  }

  /** Removes what was left unfinished, and goes on to look after the rest. */
  async start(): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory.unfinished).catch(() => []))
      await rm(join(directory.unfinished, name), { force: true }).catch(() => {});
    await this.#look();
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** One look at every file: what is too old goes, then what is too much. */
  async round(): Promise<void> {
    const { usage, bytesMax, inactiveMs, clock } = this.#options;
    this.#lastRoundMs = clock.monotonic();
    const before = usage.bytes;
    const files: FoundFile[] = [];
    for await (const file of this.#files()) files.push(file);
    const found = files.reduce((sum, { bytes }) => sum + bytes, 0);
    // What was written or removed meanwhile is in the count already.
    usage.add(found - before);
    const oldMs = inactiveMs === 0 ? Number.NEGATIVE_INFINITY : clock.now() - inactiveMs;
    files.sort((a, b) => a.usedMs - b.usedMs);
    const active = files.filter(({ usedMs }) => usedMs >= oldMs);
    for (const file of files) if (file.usedMs < oldMs) await this.#remove(file);
    this.entries = active.length - (usage.bytes > bytesMax * keptShare ? await this.#makeRoom(active) : 0);
  }

  /** @returns how many went. */
  async purge(rule: PurgeRule): Promise<number> {
    let count = 0;
    for await (const file of this.#files()) {
      const entry = await openEntry(file.path).catch(() => null);
      if (entry === null || entry === 'damaged') continue;
      await entry.file.close();
      if (isPurgedBy(entry.stored, rule) && (await this.#remove(file))) count++;
    }
    return count;
  }

  async #makeRoom(files: readonly FoundFile[]): Promise<number> {
    const { usage, bytesMax } = this.#options;
    const once = files.filter(({ proven }) => !proven);
    let onceBytes = once.reduce((sum, { bytes }) => sum + bytes, 0);
    let count = 0;
    for (const file of [...once, ...files.filter(({ proven }) => proven)]) {
      if (usage.bytes <= bytesMax * keptShare) break;
      if (!file.proven && onceBytes <= bytesMax * probationShare) continue;
      if (!file.proven) onceBytes -= file.bytes;
      if (await this.#remove(file)) count++;
    }
    return count;
  }

  async #look(): Promise<void> {
    const { usage, bytesMax, clock } = this.#options;
    const isDue = clock.monotonic() - this.#lastRoundMs >= roundMs;
    if (isDue || usage.bytes > bytesMax) await this.round().catch(() => {});
    this.#timer = clock.setTimeout(() => void this.#look(), lookMs);
  }

  async *#files(): AsyncIterable<FoundFile> {
    const { directory } = this.#options;
    for (const folder of directory.folders) {
      for (const name of await readdir(join(directory.path, folder)).catch(() => [])) {
        const path = join(directory.path, folder, name);
        const found = await stat(path).catch(() => null);
        if (found === null) continue;
        const proven = (found.mode & 0o777) === provenMode;
        yield { path, bytes: found.size, usedMs: found.mtimeMs, proven };
      }
    }
  }

  async #remove({ path, bytes }: FoundFile): Promise<boolean> {
    try {
      await unlink(path);
      this.#options.usage.add(-bytes);
      return true;
    } catch {
      return false;
    }
  }
}
