import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory that goes with the test. */
export function testFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fl-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The settings that name an ACME server of a test as issuer: the default one, or another by its prefix. */
export function issuerSettings(
  t: TestContext,
  { directoryUrl, caPem }: { readonly directoryUrl: string; readonly caPem: string },
  prefix: `FAIRLEAD_ACME` | `FAIRLEAD_ISSUER_${string}` = 'FAIRLEAD_ACME',
): Readonly<Record<string, string>> {
  const caFile = join(testFolder(t), 'ca.pem');
  writeFileSync(caFile, caPem);
  return {
    [`${prefix}_EMAIL`]: 'admin@example.com',
    [`${prefix}_DIRECTORY`]: directoryUrl,
    [`${prefix}_CA_FILE`]: caFile,
  };
}
