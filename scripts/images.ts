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
      const present = await this.#labelsOf(nodeImageTag);
      if (present && !(inputsLabel in present)) return nodeImageTag;
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
      if ((await this.#labelsOf(proxyImageTag))?.[inputsLabel] === inputs) return proxyImageTag;
      this.#say(`Building the image ${proxyImageTag} from the Dockerfile.`);
      const stream = await this.#docker.buildImage(
        { context: root, src: buildInputs },
        { t: proxyImageTag, labels: { [inputsLabel]: inputs }, forcerm: true },
      );
      await progressOf(this.#docker, stream);
      return proxyImageTag;
    });
  }

  async #ensureRoot(image: RootImage): Promise<string> {
    if ((await this.#labelsOf(image.tag))?.[inputsLabel] !== image.inputs) {
      this.#say(`Making the image ${image.tag} from this machine's files.`);
      await importRoot(this.#docker, image);
    }
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

  /** The labels of an image, or undefined where there is no such image. */
  async #labelsOf(tag: string): Promise<Record<string, string> | undefined> {
    try {
      const { Config } = await this.#docker.getImage(tag).inspect();
      return Config.Labels ?? {};
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return locked(`images ${this.#engine.socket}`, work);
  }
}
