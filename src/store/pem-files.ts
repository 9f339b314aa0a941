import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Damage, setAside } from '../base/set-aside.ts';
import type { Certificate } from '../tls/certificate.ts';
import { directoryName } from './directory-name.ts';
import { PemArchive } from './pem-archive.ts';
import { readPemDirectory, type StoredCertificate, writePemDirectory } from './pem-directory.ts';
import { asStoreFailure, StoreFailure } from './store-failure.ts';
import { VersionLinks } from './version-links.ts';

/** What setAside appends; host names are lower case and cannot end so. */
const asideEnding = /\.damaged-\d{8}T\d{9}Z(?:-\d+)?$/;
const certificatesMax = 10_000;
const damagesMax = 100;

export interface PemFilesOptions {
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Certificates as files that a person can read: `<dataDir>/certificates/<first name>/{fullchain.pem,privkey.pem,about.json}`,
 * 0600. Chain and key of a name change together, in one step of the file system, so that a kill at any moment leaves the old
 * pair or the new one. Two certificates with the same first name get `<name>` and `<name>-0002`, as certbot numbers them.
 */
export class PemFiles {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #root: string;
  readonly #links: VersionLinks;
  readonly #archive: PemArchive;
  readonly #byDirectory = new Map<string, StoredCertificate>();
  readonly #damages: Damage[] = [];

  /** Reads them all, and sets aside what is damaged. @throws StoreFailure where the directory cannot be made or listed. */
  constructor({ dataDir, log, clock }: PemFilesOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#root = join(dataDir, 'certificates');
    try {
      mkdirSync(this.#root, { recursive: true, mode: 0o700 });
      this.#links = new VersionLinks(this.#root);
      this.#archive = new PemArchive(join(dataDir, 'archive'));
      this.#readAll();
    } catch (error) {
      throw asStoreFailure(error, this.#root);
    }
  }

  get all(): readonly StoredCertificate[] {
    return [...this.#byDirectory.values()];
  }

  /** What was set aside, the last hundred; it is in the log too. */
  get damages(): readonly Damage[] {
    return this.#damages;
  }

  /** Moved out of use by `archive`, the newest first. @throws StoreFailure */
  archived(): readonly { readonly path: string; readonly stored: StoredCertificate }[] {
    return this.#orFail(() => this.#archive.list(this.#clock.now()));
  }

  /**
   * Keeps a certificate in the place of the one that was wanted for the same before.
   * @throws StoreFailure, with the old one still in place.
   */
  save(
    certificate: Certificate,
    about: { wantedId: string; issuer: string; directoryUrl?: string },
  ): StoredCertificate {
    const stored = { certificate, about: { directoryUrl: '', ...about, savedAtMs: this.#clock.now() } };
    const directory = this.#directoryFor(stored);
    return this.#orFail(() => {
      const version = this.#links.newVersion(directory);
      writePemDirectory(version, stored);
      this.#links.point(directory, version);
      this.#byDirectory.set(directory, stored);
      return stored;
    });
  }

  /**
   * Moves a certificate that nothing needs any more to `<dataDir>/archive/`.
   * @param id of the certificate: of several nobody may know any more what they were wanted for.
   * @returns whether there was one. @throws StoreFailure
   */
  archive(id: string): boolean {
    const directory = this.#find(({ certificate }) => certificate.id === id);
    if (directory === undefined) return false;
    return this.#orFail(() => {
      this.#archive.take(directory, this.#clock.now(), (to) => this.#links.moveAway(directory, to));
      return this.#byDirectory.delete(directory);
    });
  }

  /** Its own of before; one of the same names of which nobody knows why it is there; else a free one. */
  #directoryFor({ certificate, about }: StoredCertificate): string {
    const own = this.#find((other) => other.about.wantedId === about.wantedId);
    if (own !== undefined) return own;
    const lost = this.#find((other) => other.about.wantedId === '' && sameNames(other.certificate, certificate));
    if (lost !== undefined) return lost;
    if (this.#byDirectory.size >= certificatesMax)
      throw new StoreFailure(`${this.#root}: it holds ${certificatesMax} certificates; archive some`);
    const wanted = directoryName(certificate.names[0] ?? certificate.id);
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : `${wanted}-${String(n).padStart(4, '0')}`;
      if (!this.#links.isTaken(name)) return name;
    }
  }

  #find(test: (stored: StoredCertificate) => boolean): string | undefined {
    for (const [directory, stored] of this.#byDirectory) if (test(stored)) return directory;
    return undefined;
  }

  #readAll(): void {
    for (const { name, path } of this.#links.orphans()) this.#adopt(name, path);
    for (const name of this.#links.names()) {
      if (asideEnding.test(name) || this.#byDirectory.size >= certificatesMax) continue;
      const reading = readPemDirectory(this.#links.path(name), this.#clock.now());
      if (reading.ok) this.#byDirectory.set(name, reading.stored);
      else if (reading.damaged) this.#setAside(name, reading.why);
      else this.#report({ path: this.#links.path(name), keptAs: null, why: reading.why });
    }
  }

  /** What a kill left between writing and linking: whole, and with nothing in its place, it is a certificate; else it is rest. */
  #adopt(name: string, path: string): void {
    if (name !== '' && !this.#links.isTaken(name) && readPemDirectory(path, this.#clock.now()).ok)
      this.#links.point(name, path);
    else rmSync(path, { recursive: true, force: true });
  }

  #setAside(name: string, why: string): void {
    const path = this.#links.path(name);
    const version = this.#links.versionOf(name);
    if (version !== null) {
      rmSync(path);
      renameSync(version, path);
    }
    this.#report(setAside(path, { nowMs: this.#clock.now(), why }));
  }

  #report(damage: Damage): void {
    if (this.#damages.push(damage) > damagesMax) this.#damages.shift();
    this.#log.error({ ...damage }, 'a certificate on disk cannot be read');
  }

  #orFail<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asStoreFailure(error, this.#root);
    }
  }
}

function sameNames(one: Certificate, other: Certificate): boolean {
  return one.names.toSorted().join() === other.names.toSorted().join();
}
