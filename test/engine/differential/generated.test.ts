import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from './campaign.ts';
import { requestCampaign, responseCampaign } from './campaigns.ts';

/** Always the same cases; `npm run differential -- --seed N` looks for others. */
const seed = 1;

describe('generated messages mean the same through both engines, and what docs/strictness.md says', () => {
  it('3,000 connections of clients', async () => {
    assert.deepEqual((await run(requestCampaign, { cases: 3_000, seed })).failures, []);
  });

  it('2,000 answers of backends', async () => {
    assert.deepEqual((await run(responseCampaign, { cases: 2_000, seed })).failures, []);
  });
});
