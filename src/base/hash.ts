/**
 * FNV-1a over code units, 32 bits unsigned.
 *
 * @param seed a secret one where somebody might look for texts that collide.
 */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
