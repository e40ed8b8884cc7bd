// What is asked of the server for texts and their templates, each in one place.

import { get, post, put } from '../api/client.ts';
import type {
  MessagePreview,
  MessageTemplate,
  MessageTexts,
  OwnPublicText,
  Page,
  PublicTextPreview,
} from '../api/types.ts';

export const readPublicTexts = (signal?: AbortSignal) => get<Page<OwnPublicText>>('/public-texts', {}, signal);

export const readTemplates = (signal?: AbortSignal) => get<Page<MessageTemplate>>('/message-templates', {}, signal);

const publicText = (kind: string, language: string) => `/public-texts/${kind}/${language}`;
const template = (kind: string, language: string) => `/message-templates/${kind}/${language}`;

export const readVersions = (kind: string, language: string, signal?: AbortSignal) =>
  get<Page<OwnPublicText>>(`${publicText(kind, language)}/versions`, {}, signal);

export const previewPublicText = (kind: string, language: string, markup: string, signal: AbortSignal) =>
  post<PublicTextPreview>(`${publicText(kind, language)}/preview`, { markup }, signal);

/** Puts a text in force; null takes it back. `version` is the one that it was made from. */
export const changePublicText = (kind: string, language: string, version: number, markup: string | null) =>
  put<OwnPublicText>(publicText(kind, language), { version, markup });

export const previewTemplate = (kind: string, language: string, texts: MessageTexts, signal: AbortSignal) =>
  post<MessagePreview>(`${template(kind, language)}/preview`, texts, signal);

/** Puts texts in force; null puts back those that the program has. */
export const changeTemplate = (kind: string, language: string, version: number, texts: MessageTexts | null) =>
  put<MessageTemplate>(template(kind, language), { version, texts });
