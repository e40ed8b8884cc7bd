// The table of views: which address shows what, and which right it takes. Views that a first look doesn't
// need are loaded when they are opened.

import type { Component } from 'svelte';
import WorklistPage from '../worklist/WorklistPage.svelte';

// biome-ignore lint/suspicious/noExplicitAny: each view has parameters of its own.
type Page = Component<any>;
type Loaded = Page | (() => Promise<{ default: Page }>);

export type Place =
  | 'worklist'
  | 'cases'
  | 'guestLists'
  | 'outbreak'
  | 'runs'
  | 'reports'
  | 'imports'
  | 'audit'
  | 'accounts'
  | 'settings';
export type View = {
  place: Place;
  pattern: RegExp;
  /** The action of the rights table, or null where everybody may. */
  needs: string | null;
  page: Page | null;
  load: (() => Promise<{ default: Page }>) | null;
};

const view = (place: Place, pattern: RegExp, needs: string | null, loaded: Loaded, lazy: boolean): View => ({
  place,
  pattern,
  needs,
  page: lazy ? null : (loaded as Page),
  load: lazy ? (loaded as () => Promise<{ default: Page }>) : null,
});

export const VIEWS: View[] = [
  view('worklist', /^\/worklist$/, 'work_on_cases', WorklistPage, false),
  view('worklist', /^\/hand-overs$/, 'work_on_cases', () => import('../hand-overs/HandOversPage.svelte'), true),
  view('cases', /^\/cases$/, 'see_cases', () => import('../cases/CaseListPage.svelte'), true),
  view('cases', /^\/cases\/new$/, 'work_on_cases', () => import('../cases/NewCasePage.svelte'), true),
  view('cases', /^\/cases\/(?<case_id>[^/]+)$/, 'see_cases', () => import('../cases/CasePage.svelte'), true),
  view(
    'cases',
    /^\/persons\/(?<person_id>[^/]+)\/merge\/(?<other_id>[^/]+)$/,
    'work_on_cases',
    () => import('../duplicates/MergePage.svelte'),
    true,
  ),
  view('cases', /^\/bulk$/, 'work_on_cases', () => import('../bulk/BulkListPage.svelte'), true),
  view('cases', /^\/bulk\/(?<bulk_id>[^/]+)$/, 'work_on_cases', () => import('../bulk/BulkPage.svelte'), true),
  view('cases', /^\/duplicates$/, 'see_cases', () => import('../duplicates/NewcomersPage.svelte'), true),
  view('cases', /^\/persons\/(?<person_id>[^/]+)$/, 'see_cases', () => import('../persons/PersonPage.svelte'), true),
  view('guestLists', /^\/guest-lists$/, 'see_venues', () => import('../guest-lists/GuestListsPage.svelte'), true),
  view(
    'guestLists',
    /^\/guest-lists\/(?<venue_id>[^/]+)$/,
    'see_venues',
    () => import('../guest-lists/VenuePage.svelte'),
    true,
  ),
  view('guestLists', /^\/occasions$/, 'see_venues', () => import('../occasions/OccasionsPage.svelte'), true),
  view(
    'guestLists',
    /^\/occasions\/(?<occasion_id>[^/]+)$/,
    'see_venues',
    () => import('../occasions/OccasionPage.svelte'),
    true,
  ),
  view('outbreak', /^\/outbreak$/, 'see_outbreak', () => import('../outbreak/OutbreakPage.svelte'), true),
  view('runs', /^\/runs$/, null, () => import('../runs/RunsPage.svelte'), true),
  view('reports', /^\/reports$/, 'see_outbreak', () => import('../reports/ReportsPage.svelte'), true),
  view('reports', /^\/reports\/exports$/, 'export_line_list', () => import('../exports/ExportsPage.svelte'), true),
  view('imports', /^\/import$/, 'import_facts', () => import('../imports/ImportPage.svelte'), true),
  view(
    'imports',
    /^\/import\/(?<import_id>[^/]+)$/,
    'import_facts',
    () => import('../imports/OneImportPage.svelte'),
    true,
  ),
  view('audit', /^\/audit$/, 'see_audit', () => import('../audit/AuditPage.svelte'), true),
  view('accounts', /^\/accounts$/, 'manage_accounts', () => import('../accounts/AccountsPage.svelte'), true),
  view('settings', /^\/settings$/, null, () => import('../settings/SettingsPage.svelte'), true),
  view(
    'settings',
    /^\/settings\/letterhead$/,
    'manage_texts',
    () => import('../quarantine/LetterheadPage.svelte'),
    true,
  ),
  view('settings', /^\/settings\/texts$/, 'manage_texts', () => import('../texts/TextsPage.svelte'), true),
  view(
    'settings',
    /^\/settings\/texts\/(?<group>public|message)\/(?<kind>[a-z_]+)\/(?<language>[a-z]+)$/,
    'manage_texts',
    () => import('../texts/TextPage.svelte'),
    true,
  ),
  view('settings', /^\/settings\/mail$/, 'see_messages', () => import('../mail/MailPage.svelte'), true),
  view(
    'settings',
    /^\/settings\/mail\/(?<message_id>[^/]+)$/,
    'see_messages',
    () => import('../mail/OneMailPage.svelte'),
    true,
  ),
  view('settings', /^\/settings\/status$/, 'see_doctor', () => import('../status/StatusPage.svelte'), true),
  view('settings', /^\/settings\/rules$/, 'see_rules', () => import('../rules/RulesPage.svelte'), true),
];

/** The left rail, in its order. */
export const RAIL: { place: Place; href: string; needs: string | null }[] = [
  { place: 'worklist', href: '/worklist', needs: 'work_on_cases' },
  { place: 'cases', href: '/cases', needs: 'see_cases' },
  { place: 'guestLists', href: '/guest-lists', needs: 'see_venues' },
  { place: 'outbreak', href: '/outbreak', needs: 'see_outbreak' },
  { place: 'reports', href: '/reports', needs: 'see_outbreak' },
  { place: 'runs', href: '/runs', needs: null },
  { place: 'imports', href: '/import', needs: 'import_facts' },
  { place: 'audit', href: '/audit', needs: 'see_audit' },
  { place: 'accounts', href: '/accounts', needs: 'manage_accounts' },
  { place: 'settings', href: '/settings', needs: null },
];

/** Returns the view of an address with the ids in it, or null where there is none. */
export function findView(path: string): { view: View; ids: Record<string, string> } | null {
  const plain = path.length > 1 ? path.replace(/\/$/, '') : path;
  for (const one of VIEWS) {
    const match = one.pattern.exec(plain);
    if (match) return { view: one, ids: { ...match.groups } };
  }
  return null;
}
