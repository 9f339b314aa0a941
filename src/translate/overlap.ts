import type { DraftOption, Note, RouteDraft } from './translation.ts';

/** One host with one path, and all routes that take it. */
interface Cell {
  readonly host: string;
  readonly path: string;
  readonly match: readonly string[];
  readonly routes: Set<RouteDraft>;
}

/** A container has a thousand routes at most (labels/routes-max.ts); `check` says so of more. */
const cellsMax = 10_000;

/**
 * Routes of which no two take the same requests. Where several did, one is made for what they have in common, which has the
 * options of all of them: no protection is lost by that.
 */
export function withoutOverlap(routes: readonly RouteDraft[], notes: Note[]): RouteDraft[] {
  const count = routes.reduce((sum, { hosts, paths }) => sum + hosts.length * Math.max(1, paths.length), 0);
  if (count > cellsMax) return [...routes];
  const cells = cellsOf(routes);
  if (cells.every((cell) => cell.routes.size === 1)) return [...routes];
  const ids = new Map(routes.map((route, at) => [route, at]));
  const by = (cell: Cell) => [...cell.routes].map((route) => ids.get(route));
  const columns = grouped(cells, (cell) => [cell.match, cell.path, by(cell)]);
  const blocks = grouped(columns, (column) => {
    const [first] = column as [Cell];
    return [first.match, by(first), column.map(({ host }) => host)];
  });
  return blocks.map((block) => {
    const [hosts] = block as [Cell[]];
    const [{ routes: owners, match }] = hosts as [Cell];
    const [first, ...others] = [...owners] as [RouteDraft, ...RouteDraft[]];
    for (const other of others) notes.push(becameOne(first, other));
    const paths = block.map(([cell]) => (cell as Cell).path);
    const options = new Map<string, DraftOption>([...owners].toReversed().flatMap((route) => [...route.options]));
    return {
      name: first.name,
      hosts: hosts.map(({ host }) => host),
      paths: paths.includes('/') ? [] : paths,
      match: [...match],
      options,
    };
  });
}

function cellsOf(routes: readonly RouteDraft[]): Cell[] {
  const cells = new Map<string, Cell>();
  for (const route of routes) {
    for (const path of route.paths.length === 0 ? ['/'] : route.paths) {
      for (const host of route.hosts) {
        const key = JSON.stringify([host.toLowerCase(), path.replace(/(?<=.)\/$/, ''), route.match]);
        const cell = cells.get(key) ?? { host, path, match: route.match, routes: new Set() };
        cells.set(key, cell);
        cell.routes.add(route);
      }
    }
  }
  return [...cells.values()];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

function becameOne(first: RouteDraft, other: RouteDraft): Note {
  const nameOf = ({ name, hosts }: RouteDraft) => name || hosts.join(',');
  const says = `routes ${nameOf(first)} and ${nameOf(other)} take some of the same requests: those have what both say`;
  return { about: '', says, severity: 'warning' };
}
