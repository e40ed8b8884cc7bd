// The shapes that patients send and get, by the names of the API's description.

import type { components } from '../api/schema.d.ts';

type Schemas = components['schemas'];
export type OpenCode = Schemas['OpenCode'];
export type PatientSession = Schemas['PatientSession'];
export type OwnCase = Schemas['OwnCase'];
export type OwnCases = Schemas['OwnCases'];
export type OwnDetails = Schemas['OwnDetails'];
export type OwnContact = Schemas['OwnContact'];
export type OwnContacts = Schemas['OwnContacts'];
export type NameContact = Schemas['NameContact'];
export type OwnDiary = Schemas['OwnDiary'];
export type OwnDiarySlot = Schemas['OwnDiarySlot'];
export type Questionnaire = Schemas['Questionnaire'];
export type Answers = Schemas['Answers'];
export type PublicText = Schemas['PublicText'];
export type PublicTexts = Schemas['PublicTexts'];
