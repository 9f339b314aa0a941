import { join } from 'node:path';
import Docker from 'dockerode';
import { locked } from './engine/lock.ts';
import type { Engine } from './engine.ts';
import { backendImage } from './images/backend-image.ts';
import { importRoot, type RootImage } from './images/import-root.ts';
import { hashOf, inputsLabel } from './images/inputs.ts';
import { nodeImage, nodeImageTag } from './images/node-image.ts';
import { progressOf } from './images/progress.ts';
import { ensureBusybox } from './images/root.ts';
import { tar } from './images/tar.ts';

type Say = (line: string) => void;

/** What the proxy's image is built from; .dockerignore lets exactly these through. */
const buildInputs = ['Dockerfile', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'src'];

export const proxyImageTag = 'fairlead:latest';

/** Five minutes: the image is 80 MB, and a registry that cannot be reached fails in seconds. */
const pullMsMax = 5 * 60_000;

/**
 * The images that the demo and the tests need, in one engine. Each `ensure…` returns the tag and does nothing where the image is
 * there and made from the same inputs. Several processes may ask at once.
 */
export class Images {
  readonly #engine: Engine;
  readonly #docker: Docker;
  readonly #say: Say;

  constructor(engine: Engine, { say }: { say: Say }) {
    this.#engine = engine;
    this.#docker = new Docker({ socketPath: engine.socket });
    this.#say = say;
  }

  /** A tiny static web server; see images/backend-image.ts. */
  ensureBackend(): Promise<string> {
    return this.#alone(async () => this.#ensureRoot(backendImage(await ensureBusybox(this.#say))));
  }

  /**
   * The Node image that the Dockerfile starts from. One that is there and not ours is never touched. In an engine that others use
   * the official one is pulled, as `docker build` would do; it is made from this machine's files where that fails, and in our own engine.
   */
  ensureNode(): Promise<string> {
    return this.#alone(async () => {
      const present = await this.#present(nodeImageTag);
      if (present && !(inputsLabel in present.labels)) return nodeImageTag;
      if (!present && !this.#engine.own && (await this.#pulled(nodeImageTag))) return nodeImageTag;
      return this.#ensureRoot(nodeImage(await ensureBusybox(this.#say)));
    });
  }

  /** The proxy itself, built from the Dockerfile. */
  async ensureProxy(): Promise<string> {
    const node = await this.ensureNode();
    return this.#alone(async () => {
      const root = join(import.meta.dirname, '..');
      const { Id } = await this.#docker.getImage(node).inspect();
      const inputs = hashOf({ texts: [Id], files: buildInputs.map((name) => join(root, name)) });
      const before = await this.#present(proxyImageTag);
      if (before?.labels[inputsLabel] === inputs) return proxyImageTag;
      this.#say(`Building the image ${proxyImageTag} from the Dockerfile.`);
      const stream = await this.#docker.buildImage(tar(root, buildInputs), {
        t: proxyImageTag,
        labels: { [inputsLabel]: inputs },
        forcerm: true,
      });
      await progressOf(this.#docker, stream);
      await this.#discard(before?.id);
      return proxyImageTag;
    });
  }

  async #ensureRoot(image: RootImage): Promise<string> {
    const before = await this.#present(image.tag);
    if (before?.labels[inputsLabel] === image.inputs) return image.tag;
    this.#say(`Making the image ${image.tag} from this machine's files.`);
    await importRoot(this.#docker, image);
    await this.#discard(before?.id);
    return image.tag;
  }

  async #pulled(tag: string): Promise<boolean> {
    this.#say(`Pulling ${tag}.`);
    try {
      const stream = await this.#docker.pull(tag, { abortSignal: AbortSignal.timeout(pullMsMax) });
      await progressOf(this.#docker, stream);
      return true;
    } catch (error) {
      this.#say(`It cannot be pulled (${String(error).split('\n')[0]}).`);
      return false;
    }
  }

  async #present(tag: string): Promise<{ id: string; labels: Record<string, string> } | undefined> {
    try {
      const { Id, Config } = await this.#docker.getImage(tag).inspect();
      return { id: Id, labels: Config.Labels ?? {} };
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  }

  /** Removes the image that a newer one has replaced. Where a container or another image still needs it, it stays. */
  async #discard(id: string | undefined): Promise<void> {
    if (id)
      await this.#docker
        .getImage(id)
        .remove()
        .catch(() => {});
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return locked(`images ${this.#engine.socket}`, work);
  }
}
