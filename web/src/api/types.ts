// The bodies that the server answers, under the names the views use. They come from the server's own
// description (schema.d.ts, `npm run types`); every view takes its types from here and from nowhere else.
// Added here is what that description can't say: every key is always there, and which words a text can be.

import type { components } from './schema.d.ts';

type Schemas = components['schemas'];
/** The same with every key there: where nothing is known the server writes null. */
type Whole<T> = T extends (infer U)[]
  ? Whole<U>[]
  : T extends object
    ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;
/** A body of the server, some of its fields narrowed. */
export type Body<Name extends keyof Schemas, Narrow = unknown> = Omit<Whole<Schemas[Name]>, keyof Narrow> & Narrow;

export type Day = string; // YYYY-MM-DD, in the authority's time zone
export type Instant = string; // RFC 3339, UTC

export type FieldError = Body<'FieldError'>;
export type ProblemBody = Body<'Problem'>;
export type Page<T> = { items: T[]; next: string | null };

export type Role = 'administrator' | 'case_worker' | 'analyst' | 'operator' | 'venue';
export type AuthorityName = Body<'AuthorityName'>;
export type SignInPage = Body<'SignInPage'>;
export type Session = Body<'Session', { role: Role }>;
export type Invitation = Body<'Invitation'>;
export type Accepted = Body<'Accepted', { session: Session }>;
export type Token = Body<'Token'>;
export type Activation = Body<'Activation'>;

export type Classification = 'suspected' | 'probable' | 'confirmed';
export type DayRange = Body<'DayRange'>;
export type Place = Body<'Place'>;
type IsCase = { classification: Classification };
export type CaseRow = Body<'CaseRow', IsCase & { case_type: CaseType; status: CaseStatus }>;
export type CasePage = Page<CaseRow> & { names_locked: boolean };
export type FoundCase = CaseRow & { match: string };
export type FoundCases = Body<'FoundCases', { items: FoundCase[] }>;
export type FoundPerson = Body<'FoundPerson'>;
export type PersonFile = Body<'PersonFile'>;
export type ErasureCertificate = Body<'ErasureCertificate'>;
export type SavedView = Body<'SavedView'>;
export type CaseCount = Body<'CaseCount'>;
export type CaseFilters = Body<'CaseFilters'>;
export type Case = Body<'Case', IsCase & { case_type: CaseType; status: CaseStatus }>;
export type Person = Body<'Person', { cases: Body<'CaseInBrief', IsCase>[] }>;
/** What can be known of a person; a person without a case has no note and no age. */
export type PersonDetails = Pick<
  Person,
  'first_name' | 'last_name' | 'reference' | 'born' | 'sex' | 'phone' | 'email' | 'street' | 'house_number' | 'postcode'
> & { city: string | null; age?: string | null; age_band?: string | null };

export type Duplicate = Body<'Duplicate'>;
export type Duplicates = Body<'Duplicates', { items: Duplicate[] }>;
export type Newcomer = Body<'Newcomer', { duplicates: Duplicate[] }>;
export type Newcomers = Body<'Newcomers', { items: Newcomer[] }>;
/** Whose value stays: that of the record that stays, or of the other one. */
export type Takes = 'kept' | 'other';
export type FieldComparison = Body<'FieldComparison', { takes: Takes }>;
export type CaseComparison = Body<'CaseComparison', { fields: FieldComparison[] }>;
type Counts = Record<string, number>;
export type MergePreview = Body<'MergePreview', { fields: FieldComparison[]; cases: CaseComparison[]; moves: Counts }>;
export type Merge = Body<'Merge', { moved: Counts }>;
export type Merges = Body<'Merges', { items: Merge[] }>;
export type UndoneMerge = Body<'UndoneMerge', { stays: Counts }>;

export type EvidenceKind = 'infection' | 'contact' | 'encounter' | 'visit' | 'airing';
export type Evidence = Body<'Evidence', { kind: EvidenceKind }>;
export type Exposed = Body<
  'Exposed',
  { evidence: Evidence[]; case: { case_id: string; classification: Classification; symptom_onset: Day | null } | null }
>;
export type Exposures = Body<'Exposures', { direction: 'forward' | 'backward'; items: Exposed[] }>;
export type HistoryEntry = Body<'HistoryEntry'>;

export type OutbreakReport = Body<'OutbreakReport'>;
export type CurveDay = Body<'CurveDay'>;
export type ReproductionDay = Body<'CoriDayShape'>;
export type Timeliness = Body<'Timeliness'>;
export type TimelinessKind = Body<'KindOfCases'>;
export type TimelinessStep = Body<'Step'>;
export type Workload = Body<'Workload'>;
export type ChainNode = Body<'ChainNode', IsCase>;
export type ChainLink = Body<'ChainLink'>;
export type Chains = Body<'Chains', { nodes: ChainNode[] }>;

export type ImportKind = 'cases' | 'infections' | 'encounters' | 'visits' | 'laboratory';
export type DateOrder = 'iso' | 'dmy' | 'mdy';
export type ColumnChoice = Body<'ColumnOfField'>;
export type ImportSettings = Body<'ImportSettings', { date_order: DateOrder }>;
export type ImportSummary = Body<'ImportSummary'>;
export type ImportState = 'uploaded' | 'checking' | 'checked' | 'running' | 'done' | 'failed';
export type Import = Body<'Import', { kind: ImportKind; state: ImportState; settings: ImportSettings | null }>;
export type ImportField = Body<'ImportField'>;
export type Preview = Body<'ImportPreview'>;
export type RefusedRow = Body<'RefusedRow'>;
export type Refused = Body<'RefusedPage'>;
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
export type Job = Body<'Job', { kind: string; state: JobState }>;
export type CaseTally = Body<'CaseTally'>;
export type Dashboard = Body<'Dashboard'>;
export type BulkAction =
  | { kind: 'assign'; account_id: string | null }
  | { kind: 'conclude'; conclusion: string }
  | { kind: 'invite'; again: boolean };
export type InvitationPreview = Body<'InvitationPreview'>;
export type Bulk = Body<'Bulk', { action: BulkAction; job: Job | null }>;
export type BulkRow = Body<'BulkRow', { outcome: 'waiting' | 'done' | 'unchanged' | 'refused' | 'undone' | 'kept' }>;

export type AccountState = 'invited' | 'active' | 'disabled' | 'command_line';
export type Account = Body<'Account', { role: Role; state: AccountState }>;
export type OneTimeLink = Body<'Link'>;
/** No link for somebody who is a member of another authority already: they sign in as before. */
export type NewAccount = Body<'MadeAccount', { account: Account }>;
export type AuditEntry = Body<'AuditEntry'>;
export type AuditVerification = Body<'Verification'>;

export type CaseType = 'index' | 'contact' | 'contact_medical' | 'contact_vulnerable';
export type CaseStatus =
  | 'open'
  | 'tracked_manually'
  | 'in_registration'
  | 'registered'
  | 'tracking'
  | 'external'
  | 'concluded'
  | 'handed_over'
  | 'anonymised';
export type Conclusion = 'completed' | 'recovered' | 'died' | 'lost_to_follow_up' | 'not_a_case' | 'moved';
export type CallOutcome = 'reached' | 'not_reached' | 'call_back' | 'wrong_number';
export type Item = Body<'Item', { category: 'medical' | 'process' }>;
export type Call = Body<'Call', { outcome: CallOutcome }>;
export type Comment = Body<'Comment'>;
export type Milestone = Body<
  'Milestone',
  { standing: 'on_time' | 'late' | 'too_late' | 'running' | 'overdue' | 'unknown' }
>;
export type LaboratoryResult = Body<'LaboratoryResult'>;
export type CaseStanding = Body<
  'CaseStanding',
  { case_type: CaseType; status: CaseStatus; status_before: CaseStatus | null; conclusion: Conclusion | null }
>;
export type CaseWork = Body<
  'CaseWork',
  {
    standing: CaseStanding;
    next: CaseStatus[];
    details: Record<string, string | null>;
    items: Item[];
    calls: Call[];
    milestones: Milestone[];
  }
>;
export type ContactKind = 'household' | 'face_to_face' | 'same_room' | 'care' | 'transport' | 'other';
export type Said = Body<'Said'>;
export type NewContact = Body<'NewContact'>;
export type DeclaredContact = Body<
  'DeclaredContact',
  { kind: ContactKind; said: Said | null; contact_status: CaseStatus | null }
>;
export type AskedBecause = 'lives_there' | 'moved' | 'cared_for_there' | 'other';
export type RefusedBecause = 'not_responsible' | 'known_here' | 'nearly_over' | 'other';
export type HandOverState = 'asked' | 'accepted' | 'refused' | 'withdrawn' | 'copied' | 'closed';
export type HandOver = Body<
  'HandOver',
  {
    side: 'from' | 'to';
    state: HandOverState;
    because: AskedBecause;
    refused_because: RefusedBecause | null;
    preview: Body<'Preview', { case_type: CaseType }>;
  }
>;
export type OpenHandOvers = { to: HandOver[]; from: HandOver[] };
export type HandOversOfCase = Body<'HandOversOfCase', { items: HandOver[] }>;
export type DeclaredContacts = Body<'DeclaredContacts', { items: DeclaredContact[] }>;
export type Answer = Body<'Answer'>;
export type Answers = Body<'Answers'>;
export type Questionnaire = Body<'Questionnaire'>;
export type WorklistRow = Body<
  'WorklistRow',
  { case: CaseRow; standing: CaseStanding; items: Item[]; last_call: Call | null }
>;
export type WorklistPage = Page<WorklistRow> & { names_locked: boolean };
export type WorklistCount = Body<'WorklistCount'>;
export type Assignee = Body<'Assignee'>;
export type OpenedCase = Body<'OpenedCase'>;
export type AfterTest = Body<'AfterTest', { what: 'confirmed' | 'became_index' | 'reopened' | 'new_case' }>;
export type ResolvedItems = Body<'ResolvedItems'>;
export type RuleSetting = Body<'RuleSetting', { kind: 'number' | 'yes_no' | 'preset' }>;
export type RuleSetVersion = Body<'RuleSetVersion'>;
export type RuleDifference = Body<'RuleDifference'>;
export type RuleSets = Body<'RuleSets', { settings: RuleSetting[]; versions: RuleSetVersion[] }>;
export type NewRuleSet = Body<'NewRuleSet'>;
export type RuleSetPreview = Body<'RuleSetPreview'>;

export type QuarantineKind = 'quarantine' | 'isolation';
export type QuarantineDays = Body<'QuarantineDays', { kind: QuarantineKind }>;
export type SentHow = 'post' | 'mail' | 'handed_over' | 'phone';
export type Sent = Body<'Sent', { how: SentHow }>;
export type Reckoning = Body<'Reckoning', { kind: QuarantineKind; basis: 'last_contact' | 'onset' | 'test' }>;
export type ProposalReason =
  | 'became_case'
  | 'later_contact'
  | 'earlier_contact'
  | 'onset_changed'
  | 'test_changed'
  | 'rules_changed';
export type QuarantineProposal = Body<
  'QuarantineProposal',
  { proposed: QuarantineDays; reason: ProposalReason; reckoning: Reckoning }
>;
export type QuarantineDecision = Body<
  'QuarantineDecision',
  {
    what: 'ordered' | 'changed' | 'lifted' | 'accepted' | 'dismissed';
    before: QuarantineDays | null;
    after: QuarantineDays | null;
    reason: ProposalReason | null;
    reckoning: Reckoning | null;
  }
>;
export type LetterName = 'quarantine_order' | 'isolation_order' | 'quarantine_release' | 'isolation_release';
export type Letter = Body<'Letter', { kind: LetterName; sent: Sent | null }>;
export type QuarantineSheet = Body<
  'QuarantineSheet',
  {
    set: QuarantineDays | null;
    order_sent: Sent | null;
    kind: QuarantineKind;
    reckoning: Reckoning | null;
    proposal: QuarantineProposal | null;
    decisions: QuarantineDecision[];
    letters: Letter[];
  }
>;
export type Letterhead = Body<'Letterhead'>;

export type DayPart = 'morning' | 'evening';
export type DiaryEntry = Body<'DiaryEntry', { part: DayPart; said_by: 'phone' | 'own' }>;
export type DiarySlot = Body<
  'DiarySlot',
  { part: DayPart; state: 'entered' | 'missing' | 'open' | 'to_come' | 'not_expected'; entry: DiaryEntry | null }
>;
export type DiaryPage = Body<'DiaryPage', { items: DiarySlot[] }>;
export type ListedSymptom = Body<'ListedSymptom', { names: Record<string, string> }>;
export type SymptomCatalogue = Body<'SymptomCatalogue', { items: ListedSymptom[] }>;

export type OwnPublicText = Body<'OwnPublicText'>;
export type PublicTextPreview = Body<'PublicTextPreview'>;
export type MessageTexts = Body<'MessageTexts'>;
export type MessageTemplate = Body<'MessageTemplate'>;
export type MessagePreview = Body<'MessagePreview'>;
export type MessageOnList = Body<'Message', { channel: 'mail' | 'letter' }>;
export type MessageInFull = Body<'MessageInFull', { message: MessageOnList }>;
export type MessageCounts = Body<'MessageCounts'>;
export type Workbook = Body<'Workbook'>;
export type PostcodeCheck = Body<'PostcodeCheck', { postcode: 'ours' | 'others' | 'unknown' | 'unchecked' }>;

export type SignKind = components['schemas']['SignKind'];
export type Sign = Body<'Sign', { kind: SignKind; verdict: 'warning' | 'broken' }>;
export type StatusServer = Body<'Server'>;
export type StatusDatabase = Body<'Database'>;
export type Status = Body<'Status', { signs: Sign[]; servers: StatusServer[]; database: StatusDatabase }>;
