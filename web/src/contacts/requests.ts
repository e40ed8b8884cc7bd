// What is asked of the server for declared contacts.

import { get, post, put, remove } from '../api/client.ts';
import type { DeclaredContact, DeclaredContacts, NewContact } from '../api/types.ts';

const at = (caseId: string) => `/cases/${caseId}`;

export const readContacts = (caseId: string, signal?: AbortSignal) =>
  get<DeclaredContacts>(`${at(caseId)}/contacts`, {}, signal);

export const readOrigins = (caseId: string, signal?: AbortSignal) =>
  get<DeclaredContacts>(`${at(caseId)}/origins`, {}, signal);

export const declareContact = (caseId: string, contact: NewContact) =>
  post<DeclaredContact>(`${at(caseId)}/contacts`, contact);

export const deleteContact = (caseId: string, contactId: string) => remove(`${at(caseId)}/contacts/${contactId}`);

/** Notes that they say they met nobody in the infectious days, or takes that back. */
export const sayNoContacts = (caseId: string, saysSo: boolean) =>
  put<void>(`${at(caseId)}/no-contacts`, { says_so: saysSo });
