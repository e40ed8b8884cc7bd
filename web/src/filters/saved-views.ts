// Views of the list under a name. What a view asks for is what stands in the address: filters and order, never a text
// that was searched for.

import { get, post, remove } from '../api/client.ts';
import type { SavedView } from '../api/types.ts';
import { newId } from '../work/uuid.ts';
import { FILTER_KEYS, filterOf } from './filters.ts';

export const readViews = async (signal?: AbortSignal) =>
  (await get<{ items: SavedView[] }>('/saved-views', {}, signal)).items;

export const saveView = (view: Pick<SavedView, 'view_id' | 'name' | 'query' | 'is_shared'>) =>
  post<SavedView>('/saved-views', view);

export const deleteView = (id: string) => remove(`/saved-views/${id}`);

export const newView = (name: string, query: string, isShared: boolean) => ({
  view_id: newId(),
  name,
  query,
  is_shared: isShared,
});

/** Returns what a view of this address asks for: the filters it knows and the order, in one order of keys. */
export function queryOf(address: URLSearchParams): string {
  const filter = filterOf(address);
  const query = new URLSearchParams();
  for (const key of FILTER_KEYS) if (filter[key]) query.set(key, filter[key]);
  for (const key of ['sort', 'order']) {
    const value = address.get(key);
    if (value) query.set(key, value);
  }
  return query.toString();
}
