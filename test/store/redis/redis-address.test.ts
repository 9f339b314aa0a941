import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRedisAddress, redisAddressText } from '../../../src/store/redis/redis-address.ts';

test('an address says where, who, and which database', () => {
  assert.deepEqual(readRedisAddress('rediss://fairlead:p%40ss@[2001:db8::1]:6380/3'), {
    ...{ host: '2001:db8::1', port: 6380, tls: true },
    ...{ username: 'fairlead', password: 'p@ss', database: 3 },
  });
  assert.deepEqual(readRedisAddress('redis://redis'), {
    ...{ host: 'redis', port: 6379, tls: false },
    ...{ username: '', password: '', database: 0 },
  });
});

test('what is none, or says what nobody would act on, is refused', () => {
  for (const text of [
    ...['redis', 'redis:/hunter2', 'http://redis:6379', 'redis://redis/all', 'redis://redis/1/2', 'redis://'],
    ...['redis://:%zz@redis', 'redis://redis?ssl=1', 'redis://redis#x', 'redis://redis:99999'],
  ])
    assert.equal(readRedisAddress(text), null, text);
});

test('for people it is told without name and password', () => {
  const text = (url: string) =>
    redisAddressText(readRedisAddress(url) as NonNullable<ReturnType<typeof readRedisAddress>>);
  assert.equal(text('rediss://fairlead:secret@[2001:db8::1]:6380/3'), 'rediss://[2001:db8::1]:6380/3');
  assert.equal(text('redis://:secret@redis'), 'redis://redis:6379');
});
