import type Docker from 'dockerode';

/** Private addresses that Docker's own pools (172.16/12 and 192.168/16) never touch. */
const prefix = '10.233.7';

/** A Docker network whose containers' addresses are known before they start. */
export class BenchNetwork {
  readonly name: string;
  readonly #network: Docker.Network;

  private constructor(name: string, network: Docker.Network) {
    this.name = name;
    this.#network = network;
  }

  static async create(docker: Docker, labels: Record<string, string>): Promise<BenchNetwork> {
    const name = `fairlead-bench-${process.pid}`;
    const network = await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: `${prefix}.0/24`, IPRange: `${prefix}.128/25`, Gateway: `${prefix}.1` }] },
      Labels: labels,
    });
    return new BenchNetwork(name, network);
  }

  /** A fixed address outside the range that Docker gives away by itself. */
  address(number: number): string {
    return `${prefix}.${10 + number}`;
  }

  /** Fails while a container is attached. */
  async remove(): Promise<void> {
    await this.#network.remove();
  }
}
