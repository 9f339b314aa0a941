import { freshKeyPem, type KeyPair, signLeaf, signRoot } from './internal-signing.ts';

const hourMs = 3_600_000;
/** Clocks are late. */
const backdatedMs = 24 * hourMs;

/** A certificate that nobody is to trust, for a name that only wants to know whether it reaches us: no root is kept for it. */
export async function throwawayPair(name: string, nowMs: number): Promise<KeyPair> {
  const validity = { fromMs: nowMs - backdatedMs, toMs: nowMs + hourMs };
  const root = await signRoot(await freshKeyPem(), { local: false, validity });
  return signLeaf(root, { names: [name], validity });
}
