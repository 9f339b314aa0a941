import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CertificatesLeg, certificatesSection } from '../../bench/certificates-section.ts';

const mib = (control: number, data: number) => ({ controlKiB: control * 1024, dataKiB: data * 1024 });

function tables(...legs: CertificatesLeg[]) {
  const run = { legs, hosts: 1024, rounds: 3, roundsMax: 3, settleMs: 3000, versions: [] };
  return certificatesSection(run).tables.map(({ rows }) => rows);
}

const fairlead: CertificatesLeg[] = [
  { proxy: 'fairlead', secure: false, started: mib(100, 50), shown: null },
  { proxy: 'fairlead', secure: true, started: mib(120, 60), shown: mib(121, 90) },
];

test('a certificate costs what each process has grown by, divided by their number', () => {
  const [, each] = tables(...fairlead);
  assert.deepEqual(each, [['fairlead', '20.0', '10.0', '21.0', '40.0']]);
});

test('memory is told for each state, of each process and of both', () => {
  const [memory] = tables(...fairlead);
  assert.deepEqual(
    memory?.map(([, ...numbers]) => numbers),
    [
      ['100.0', '50.0', '150.0'],
      ['120.0', '60.0', '180.0'],
      ['121.0', '90.0', '211.0'],
    ],
  );
});

test('a proxy that was not there has no rows', () => {
  const [memory, each] = tables(...fairlead);
  assert.doesNotMatch(JSON.stringify([memory, each]), /nginx/);
});
