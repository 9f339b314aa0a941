/**
 * Does something for every item, at most so many at a time, and gives the results in the order of the items. After a first failure
 * nothing more is begun; what runs is waited for, then the failure is thrown.
 */
export async function atOnce<T, R>(items: readonly T[], countMax: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(countMax, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
