import { parentPort, workerData } from 'node:worker_threads';
import { type BucketMemory, BucketTable } from '../../src/limit/bucket-table.ts';
import { isAdmitted, type RateTerms } from '../../src/limit/gcra.ts';

const { memory, terms, takes } = workerData as { memory: BucketMemory; terms: RateTerms; takes: number };
const table = new BucketTable(memory, () => 1_000_000);
let admitted = 0;
for (let i = 0; i < takes; i++) if (isAdmitted(table.take(7, 'everybody', terms), terms)) admitted++;
parentPort?.postMessage(admitted);
