import { parseArgs } from 'node:util';
import { type Campaign, type Failure, run } from './campaign.ts';
import { requestCampaign, responseCampaign } from './campaigns.ts';

/** Requests are the longer grammar: so many of ten cases. */
const requestsOfTen = 6;
/** Progress is told every so many cases. */
const tellCases = 2_000;
/** Of a fault, or of bytes that could not be cut down. */
const shownChars = 2_000;

process.exitCode = await main();

/** Sends generated cases through both engines, and prints what fails as lines for the corpora. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { cases: { type: 'string', default: '10000' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const cases = Number(values.cases);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed);
  if (!Number.isInteger(cases) || !Number.isInteger(seed) || !/^(?:requests|responses)?$/.test(values.only ?? '')) {
    console.error('usage: npm run differential -- [--cases 100000] [--seed 1] [--only requests|responses]');
    return 2;
  }
  const requests = values.only === undefined ? Math.round((cases * requestsOfTen) / 10) : cases;
  console.log(`seed ${seed}`);
  let failed = 0;
  if (values.only !== 'responses') failed += await conduct(requestCampaign, requests, seed);
  if (values.only !== 'requests')
    failed += await conduct(responseCampaign, values.only ? cases : cases - requests, seed);
  return failed === 0 ? 0 : 1;
}

async function conduct<Case>(campaign: Campaign<Case>, cases: number, seed: number): Promise<number> {
  const startedMs = performance.now();
  const { failed } = await run(campaign, {
    cases,
    seed,
    onFailure: tell,
    onBatch: ({ done, failed: soFar }) => {
      if (done % tellCases !== 0 && done !== cases) return;
      const perSecond = Math.round((done / (performance.now() - startedMs)) * 1_000);
      console.log(`${campaign.name}: ${done} of ${cases}, ${soFar} failed, ${perSecond}/s`);
    },
  });
  return failed;
}

function tell({ kind, faults, entry }: Failure): void {
  console.log(
    `\n${kind}\n  ${faults.map((fault) => fault.slice(0, shownChars)).join('\n  ')}\n  ${entry.slice(0, shownChars)}`,
  );
}
