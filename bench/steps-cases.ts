import { scryptHash } from '../src/auth/scrypt-hash.ts';

/** A route that differs from one without labels by these. */
export interface StepsCase {
  /** Also the first word of its host. */
  readonly name: string;
  readonly about: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the backend answers with, see lua/backend.lua. */
  readonly path?: '/kept';
  /** Further field lines of each request. */
  readonly fields?: readonly string[];
}

/** What all are compared with. */
export const bare: StepsCase = { name: 'none', about: 'no label', labels: {} };

const allow = { 'proxy.allow': '10.0.0.0/8,192.168.0.0/16,127.0.0.0/8' };
/** More than any machine gets through: every request is reckoned, none refused. */
const limit = { 'proxy.limit': '1000000/s', 'proxy.limit.burst': '1000000' };
const maxbody = { 'proxy.maxbody': '1m' };
const security = { 'proxy.security': 'true' };
const header = { 'proxy.header.X-Robots-Tag': 'noindex' };
const reqheader = { 'proxy.reqheader.X-Tenant': 'bench' };

/** One line for each label that works on a request. */
export async function stepsCases(): Promise<readonly [StepsCase, ...StepsCase[]]> {
  const users = { 'proxy.auth': 'basic', 'proxy.auth.users': `bench:${await scryptHash('a password')}` };
  const credentials = [`Authorization: Basic ${Buffer.from('bench:a password').toString('base64')}`];
  return [
    bare,
    { name: 'allow', about: 'allow, the third of three networks', labels: allow },
    { name: 'limit', about: 'limit, one address', labels: limit },
    { name: 'auth', about: 'auth=basic, remembered', labels: users, fields: credentials },
    { name: 'maxbody', about: 'maxbody', labels: maxbody },
    { name: 'reqheader', about: 'reqheader, one', labels: reqheader },
    { name: 'security', about: 'security', labels: security },
    { name: 'header', about: 'header, one', labels: header },
    {
      name: 'cors',
      about: 'cors, a site that is let in',
      labels: { 'proxy.cors': 'https://app.example.com' },
      fields: ['Origin: https://app.example.com'],
    },
    {
      name: 'together',
      about: 'all of these but auth and cors',
      labels: { ...allow, ...limit, ...maxbody, ...reqheader, ...security, ...header },
    },
    { name: 'hit', about: 'cache=on, a hit', labels: { 'proxy.cache': 'on' }, path: '/kept' },
    { name: 'miss', about: "cache=on, not kept by the backend's word", labels: { 'proxy.cache': 'on' } },
  ];
}
