import { tableMarkdown } from './table.ts';

/**
 * What peers were measured at before, on a machine of this kind, by the method of `convergence`. They are no Debian packages, so
 * a run of the bench does not repeat them: they stand apart, with their date.
 */
export const publishedMarkdown = [
  '## Measured earlier: convergence of other label-driven proxies',
  'Not part of a run of `npm run bench`. November 2026, quiet machine with 2 cores, Debian 12, Docker 20.10.24, settings as shipped; ten trials each. The floor in that run (straight to the container) was 4–6 ms at p50 and 8–16 ms at most.',
  tableMarkdown({
    title: '`docker start` returned → first 200 through the proxy, ms',
    columns: ['proxy', 'min', 'p50', 'p90 or max', 'ten at once: p50 / max'],
    rows: [
      ['nginx-proxy 1.11.6', '216', '259', '268', '333 / 529'],
      ['traefik 1.7.28', '6.6', '10.1', '19', '1357 / 2001'],
      ['traefik 2.0.0-beta1', '79', '172', '304', '1345 / 2097'],
      ['caddy-docker-proxy 2.8.2', '108', '114', '118', '125 / 200'],
      ['redbird 0.10.0', '4.2', '11.4', '19', '–'],
    ],
  }),
  "traefik holds changes back by its `providersThrottleDuration` of 2 s, nginx-proxy by docker-gen's wait of 100 to 500 ms, caddy-docker-proxy by its event throttle of 100 ms; redbird's hosts are fixed in code.",
].join('\n\n');
