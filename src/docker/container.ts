/** One network a container is attached to. */
export interface Attachment {
  readonly network: string;
  readonly networkId: string;
  /** IPv4 without mask, or '' (host and none networks, or not running). */
  readonly ipv4: string;
  readonly ipv6: string;
  readonly gateway: string;
}

export interface PublishedPort {
  readonly containerPort: number;
  /** '' or 0.0.0.0 or :: = every address of the host. */
  readonly hostIp: string;
  readonly hostPort: number;
}

/**
 * A container as the engine describes it (Docker API `GET /containers/{id}/json`), checked once and frozen.
 * The same unchanged container is the same object from one snapshot to the next, so identity may be used as a cache key.
 */
export interface Container {
  /** 64 hex digits: the identity of everything live that belongs to it; never its address. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  /** The engine that runs it, as in `FAIRLEAD_DOCKER`. */
  readonly endpoint: string;
  /** com.docker.compose.project, .service, .oneoff; '' and false where there is none. */
  readonly project: string;
  readonly service: string;
  readonly oneOff: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdMs: number;
  /** When it was created, started, ended or removed, whichever came last; by the engine's clock (a removal by ours), epoch ms. */
  readonly changedMs: number;
  /** 'removed' is not Docker's word: the container is gone and its routes linger. */
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'removed';
  /** 'none' = no HEALTHCHECK. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** How often its HEALTHCHECK is run at least, ms; not there where it has none. */
  readonly healthEveryMs?: number;
  /** It was sent its stop signal and has not ended yet, or it ended a moment ago: no new requests. */
  readonly stopping: boolean;
  /** Not Docker's word: it has ended, and was sent its stop signal, or SIGKILL, before. */
  readonly wasStopped?: true;
  /** Not Docker's word: an administrator wants no new requests there. */
  readonly drained?: true;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** TCP ports the image or the container exposes, ascending. */
  readonly exposedPorts: readonly number[];
  readonly publishedPorts: readonly PublishedPort[];
  /** 'host', 'none', 'container:<id>', 'bridge' or a network's name. */
  readonly networkMode: string;
  readonly attachments: readonly Attachment[];
  /** Number of the signal `docker stop` sends, 15 by default. */
  readonly stopSignal: number;
  /** From that signal to the SIGKILL that follows (`stop_grace_period`, `--stop-timeout`), ms; Infinity = none follows. */
  readonly stopGraceMs: number;
}
