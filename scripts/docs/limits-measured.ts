/** What was measured by hand, with the day and the command: the one part of docs/limits.md that no code can vouch for. */
export const measuredText = `## Measured: slowhttptest

2026-11-25, slowhttptest 1.8.2 of Debian, 300 connections, one worker, on a machine of two cores that others kept busy (load 7 to 9). Beside each
attack one client asked for a small answer every 10 ms, in turn on a new connection and on a kept one. Before any attack it saw 1.7 ms at the
median and 15 ms at the 99th percentile (reference engine: 3.1 and 103).

| attack | other requests, failed | p50 / p99 / max | what became of the 300 | RSS |
| --- | --- | --- | --- | --- |
| \`-H -c 300 -r 100 -i 5 -x 24 -l 30\`: heads that drip | 1645, 0 | 1.0 / 19 / 81 ms | all closed 20 s after they began | 141 MB |
| \`-B -c 300 -r 100 -i 5 -s 8192 -x 10 -l 20\`: bodies that drip | 1599, 0 | 1.0 / 18 / 102 ms | still read at the end: their time is 60 s | 157 MB |
| \`-R -c 300 -r 100 -a 10 -b 3000 -t HEAD -l 20\`: many ranges | 268, 0 | 1.0 / 6 / 38 ms | answered at once, over after 3 s | 166 MB |
| \`-X -c 300 -r 100 -w 512 -y 1024 -n 5 -z 32 -k 3 -l 30\`, answers of 8 MiB: readers (quiet machine, three runs) | none failed | p99 9 to 21 ms, max 77 to 286 ms | still reading: 254 to 287 | 171 MB |
| the same four with \`FAIRLEAD_ENGINE=node\`, \`-X\` for 20 s | 1519, 1307, 249, 906; none | p50 1.2 to 1.6, p99 46 to 84, max 4241 ms | as above | 171 to 328 MB |

The rest of each command is \`-p 3 -u http://localhost:<port>/\`, and \`/big\` for the readers.
`;
