/** A bounded map that forgets what was not used for longest. Failed loads are not kept. */
export interface RecentlyUsed<Key, Value> {
  getOrLoad(key: Key, load: () => Promise<Value>): Promise<Value>;
  set(key: Key, value: Value): void;
}

export function createRecentlyUsed<Key, Value>(capacity: number): RecentlyUsed<Key, Value> {
  const entries = new Map<Key, Value>();

  const set = (key: Key, value: Value) => {
    entries.delete(key);
    entries.set(key, value);
    const oldest = entries.size > capacity ? entries.keys().next() : undefined;
    if (oldest?.done === false) entries.delete(oldest.value);
  };

  return {
    set,
    async getOrLoad(key, load) {
      const known = entries.get(key);
      const value = known ?? (await load());
      set(key, value);
      return value;
    },
  };
}
