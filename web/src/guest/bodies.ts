// What crosses the wire at the door: the shapes of the API's own description, of which nothing is in the page.

import type { components } from '../api/schema.d.ts';

type Schemas = components['schemas'];
export type Door = Schemas['GuestDoor'];
export type Address = Schemas['GuestAddress'];
export type CheckIn = Schemas['CheckIn'];
export type CheckedIn = Schemas['CheckedIn'];
export type CheckedOut = Schemas['CheckedOut'];
export type Sharing = Schemas['Sharing'];
