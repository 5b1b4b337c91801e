/**
 * Visits all items, at most `limit` at a time, in the order in which they come. After the first visit that fails none
 * is begun; those under way are waited for, then its error is thrown.
 */
export async function eachConcurrently<Item>(
  items: Iterable<Item>,
  limit: number,
  visit: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      try {
        await visit(next.value);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  if (failure !== undefined) throw failure.error;
}
