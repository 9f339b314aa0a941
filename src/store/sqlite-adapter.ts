import { EventEmitter } from 'node:events';
import { type KeyvStorageAdapter, type KeyvStorageEntry, keyvStorageCapability } from 'keyv';
import type { Database } from './database.ts';

/** One namespace of the database, as Keyv 6 wants its stores. Without `capabilities` Keyv would pass a relative life instead of `expires`. */
export class SqliteAdapter extends EventEmitter implements KeyvStorageAdapter {
  readonly #database: Database;
  namespace: string;

  constructor(database: Database, namespace: string) {
    super();
    this.#database = database;
    this.namespace = namespace;
  }

  get capabilities() {
    return keyvStorageCapability(this);
  }

  // Keyv parses the text itself; its type wants the parsed value's name here.
  async get<Value>(key: string): Promise<Value | undefined> {
    return this.#database.get(this.namespace, key) as Value | undefined;
  }

  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    return Promise.all(keys.map((key) => this.get<Value>(key)));
  }

  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    this.#database.set(this.namespace, key, String(value), expires);
    return true;
  }

  async setMany<Value>(entries: KeyvStorageEntry<Value>[]): Promise<boolean[]> {
    return Promise.all(entries.map(({ key, value, expires }) => this.set(key, value, expires)));
  }

  async has(key: string): Promise<boolean> {
    return this.#database.get(this.namespace, key) !== undefined;
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.has(key)));
  }

  async delete(key: string): Promise<boolean> {
    return this.#database.delete(this.namespace, key);
  }

  async deleteMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.delete(key)));
  }

  async clear(): Promise<void> {
    this.#database.clear(this.namespace);
  }

  /** Entries may come and go meanwhile: each is read when its turn comes. */
  async *iterator<Value>(): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    let after = '';
    for (;;) {
      const keys = this.#database.keysAfter(this.namespace, after);
      for (const key of keys) {
        const value = await this.get<Value>(key);
        if (value !== undefined) yield [key, value as Awaited<Value>];
      }
      const last = keys.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }
}
