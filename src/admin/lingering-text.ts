/**
 * `4 routes whose containers were removed, gone within 1m`.
 *
 * @param linger how long a route outlives its containers, such as `1m`.
 */
export function lingeringText(count: number, linger: string): string {
  return `${count} route${count === 1 ? '' : 's'} whose containers were removed, gone within ${linger}`;
}
