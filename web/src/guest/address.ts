// Where the guest stands, by the address on the poster. Names stand behind the #, so that a place that this phone never
// saw opens without signal.

export type Place = {
  authority: string;
  venue_id: string;
  area_id: string | null;
  venue: string;
  area: string | null;
};

const ID = /^[0-9A-Za-z]{10}$/;
const SHORT_CODE = /^[A-Za-z]{2,8}$/;
const LONGEST_NAME = 200;

/** Returns the place of an address `/g/SHORT/VENUE/AREA#name=…&area=…`, or null where it names none. */
export function placeOf(path: string, fragment: string): Place | null {
  const [, folder, authority = '', venueId = '', areaId = ''] = path.split('/');
  if (folder !== 'g' || !SHORT_CODE.test(authority) || !ID.test(venueId)) return null;
  const names = new URLSearchParams(fragment.replace(/^#/, ''));
  const name = (key: string) => (names.get(key) || '').trim().slice(0, LONGEST_NAME);
  return {
    authority: authority.toUpperCase(),
    venue_id: venueId.toUpperCase(),
    area_id: ID.test(areaId) ? areaId.toUpperCase() : null,
    venue: name('name'),
    area: name('area') || null,
  };
}
