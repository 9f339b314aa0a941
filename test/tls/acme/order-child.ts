/** A process that orders, with its store in a file, for a test that kills it: `order-child.ts <directory URL> <store file> <name>…`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { OrderWorld } from './order-world.ts';

const [directoryUrl = '', file = '', ...names] = process.argv.slice(2);

class FileMap extends Map<string, string> {
  override set(key: string, value: string): this {
    super.set(key, value);
    this.#write();
    return this;
  }

  override delete(key: string): boolean {
    const was = super.delete(key);
    this.#write();
    return was;
  }

  #write(): void {
    writeFileSync(`${file}.new`, JSON.stringify([...this]));
    renameSync(`${file}.new`, file);
  }
}

const kept = new FileMap();
for (const [key, value] of JSON.parse(readFileSync(file, 'utf8')) as [string, string][]) kept.set(key, value);
// Nothing else holds the process while the order only waits: the clock's timers do not.
const held = setInterval(() => {}, 60_000);
const { chainPem, keyPem } = await new OrderWorld({ directoryUrl }, kept).order(names);
process.stdout.write(JSON.stringify({ chainPem, keyPem }));
clearInterval(held);
