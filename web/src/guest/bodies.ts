// What crosses the wire at the door.

export type Door = {
  authority: { short_code: string; name: string; time_zone: string; languages: string[] };
  venue: {
    venue_id: string;
    name: string;
    areas: { area_id: string; name: string }[];
    open: boolean;
    closes_at: string | null;
    usual_stay_min: number;
    asks_address: string;
    confirms_by_staff: boolean;
  };
  now: string;
};

export type Address = { street: string; house_number: string; postcode: string; city: string };

export type CheckIn = {
  visit_id: string;
  secret: string;
  arrived_at: string;
  leaves_at: string | null;
  name: string;
  phone: string | null;
  email: string | null;
  address: Address | null;
  household: number;
};

export type CheckedIn = {
  visits: { visit_id: string; arrived_at: string; leaves_at: string; deleted_on: string; marks: string[] }[];
  venue: { name: string; area: string | null };
};

export type CheckedOut = { visits: { visit_id: string; leaves_at: string }[] };
export type Sharing = { visits: { visit_id: string; outcome: string }[] };
