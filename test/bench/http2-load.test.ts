import assert from 'node:assert/strict';
import { test } from 'node:test';
import { http2Result } from '../../bench/http2-load.ts';

/** As nghttp2 1.52 writes it. */
const report = `starting benchmark...
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
Stopped all clients for thread #0

finished in 1.01s, 8564.00 req/s, 1.09MB/s
requests: 8564 total, 8568 started, 8564 done, 8560 succeeded, 4 failed, 1 errored, 2 timeout
status codes: 8500 2xx, 50 3xx, 9 4xx, 4 5xx
traffic: 1.09MB (1147704) total, 58.63KB (60040) headers (space savings 88.32%), 836.33KB (856400) data
`;
const log = ['1795644998259121\t200\t16004', '1795644998259123\t200\t1000', '1795644998259124\t404\t3000', ''].join(
  '\n',
);

test('answers, their statuses, bytes and times are read from the report and the log of h2load', () => {
  assert.deepEqual(http2Result(report, log), {
    requests: 8563,
    seconds: 1.01,
    bytes: 1_147_704,
    p50Ms: 3,
    p99Ms: 16.004,
    failed: 7,
    notOk: 13,
  });
});

test('a run shorter than a second is told in milliseconds', () => {
  assert.equal(http2Result(report.replace('in 1.01s', 'in 950.50ms'), log).seconds, 0.9505);
});

test('a run in which HTTP/1.1 was spoken, or another suite, does not count', () => {
  assert.throws(() => http2Result(report.replace('protocol: h2', 'protocol: http/1.1'), log), /protocol: h2/);
  assert.throws(() => http2Result(report.replace('AES_128_GCM_SHA256', 'AES_256_GCM_SHA384'), log), /TLS_AES_128/);
});

test('a run without a result says what h2load said instead', () => {
  const failed = `${report.slice(0, report.indexOf('finished'))}No protocol negotiated.`;
  assert.throws(() => http2Result(failed, ''), /No protocol negotiated/);
});
