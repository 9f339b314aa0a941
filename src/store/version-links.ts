import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../base/durable-file.ts';

const versionsName = '.versions';
const draftStart = '.draft-';

/**
 * Directories whose whole content changes in one step: each name is a link to a version below `.versions`, and a new version
 * takes the place of the old one by renaming a link over it, which is atomic where renaming a directory is not possible at all.
 *
 * Every method throws the error of the file system.
 */
export class VersionLinks {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, versionsName), { recursive: true, mode: 0o700 });
  }

  /** Names that are links or directories; hidden ones are not. */
  names(): readonly string[] {
    return readdirSync(this.#root).filter((name) => !name.startsWith('.') && this.#isDirectory(name));
  }

  path(name: string): string {
    return join(this.#root, name);
  }

  isTaken(name: string): boolean {
    return lstatSync(this.path(name), { throwIfNoEntry: false }) !== undefined;
  }

  /** The directory of a version that nobody reads yet. None is ever used again: who reads the one before must not meet a third. */
  newVersion(name: string): string {
    return join(this.#root, versionsName, `${name}@${randomBytes(8).toString('hex')}`);
  }

  /** Lets a name lead to a version, and removes the one before. */
  point(name: string, version: string): void {
    const before = this.versionOf(name) ?? this.#madeVersion(name);
    const draft = join(this.#root, `${draftStart}${randomBytes(6).toString('hex')}`);
    symlinkSync(join(versionsName, version.slice(version.lastIndexOf('/') + 1)), draft);
    renameSync(draft, this.path(name));
    syncDirectory(this.#root);
    if (before !== null && before !== version) rmSync(before, { recursive: true, force: true });
  }

  /** Takes a version out of here to another path; its name is free then. */
  moveAway(name: string, to: string): void {
    const version = this.versionOf(name);
    if (version === null) return renameSync(this.path(name), to);
    // In this order a kill leaves a link to nowhere, and never a version that looks as if nobody needed it.
    renameSync(version, to);
    rmSync(this.path(name));
  }

  /** The version behind a name; null where it is a directory of its own, or a link that somebody else has made. */
  versionOf(name: string): string | null {
    const stat = lstatSync(this.path(name), { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() !== true) return null;
    const version = /^\.versions\/([^/]+)$/.exec(readlinkSync(this.path(name)))?.[1];
    return version === undefined ? null : join(this.#root, versionsName, version);
  }

  /** Removes drafts and links to nowhere, and gives the versions that no link leads to, with the names they were made for. */
  orphans(): readonly { readonly name: string; readonly path: string }[] {
    for (const name of readdirSync(this.#root)) {
      const isRest = name.startsWith(draftStart) || (this.versionOf(name) !== null && !this.#isDirectory(name));
      if (isRest) rmSync(this.path(name), { force: true });
    }
    const linked = new Set(this.names().map((name) => this.versionOf(name)));
    return readdirSync(join(this.#root, versionsName))
      .map((version) => ({
        name: version.slice(0, version.lastIndexOf('@')),
        path: join(this.#root, versionsName, version),
      }))
      .filter(({ path }) => !linked.has(path));
  }

  /** A directory that was put there by hand, out of a backup that follows links, becomes a version: a link cannot replace it. */
  #madeVersion(name: string): string | null {
    if (lstatSync(this.path(name), { throwIfNoEntry: false })?.isDirectory() !== true) return null;
    const version = this.newVersion(name);
    renameSync(this.path(name), version);
    return version;
  }

  #isDirectory(name: string): boolean {
    return statSync(this.path(name), { throwIfNoEntry: false })?.isDirectory() === true;
  }
}
