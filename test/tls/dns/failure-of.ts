import assert from 'node:assert/strict';
import { AcmeFailure } from '../../../src/tls/acme/failure.ts';

/** The AcmeFailure that a promise has to reject with. */
export async function failureOf(promise: Promise<unknown>): Promise<AcmeFailure> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof AcmeFailure, `an AcmeFailure, not ${outcome}`);
  return outcome;
}
