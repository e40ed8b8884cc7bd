// What leaves as FHIR R4 is looked at by a validator that other people wrote.

import { Fhir } from 'fhir';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

type Bundle = { entry: { resource: { resourceType: string } & Record<string, unknown> }[] };
type Found = { severity?: string; location?: string; message?: string };

/** Returns what the validator says of a bundle. It knows no codes of other systems, such as LOINC's. */
function faults(bundle: Bundle): string[] {
  const { valid, messages } = new Fhir().validate(bundle, { errorOnUnexpected: true });
  const said = (messages as Found[]).filter(
    (one) => !(['warning', 'info'].includes(one.severity ?? '') && /value set/i.test(one.message ?? '')),
  );
  return [...(valid ? [] : ['not valid']), ...said.map((one) => `${one.location}: ${one.message}`)];
}

test('patients, conditions and observations are valid FHIR R4, and the validator would say if not', async ({
  page,
}) => {
  const server = await startServer();
  await openAccount(page, server);
  // Early in the morning no half day of today has begun.
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const caseId = await openCase(page, {
    tested: yesterday,
    first_name: 'Ayşe',
    last_name: "O'Neill",
    mobile: '030 23125 000',
    sex: 'female',
  });
  await ask(page, 'POST', `/cases/${caseId}/status`, { status: 'tracked_manually', conclusion: null, text: null });
  const { items } = await ask<{ items: { day: string; part: string; entry: unknown }[] }>(
    page,
    'GET',
    `/cases/${caseId}/diary`,
  );
  const slot = items.find((one) => one.entry === null && one.day === yesterday);
  await ask(page, 'POST', `/cases/${caseId}/diary`, {
    entry_id: newId(),
    day: slot?.day,
    part: slot?.part,
    temperature_c: 38.4,
    symptoms: ['cough'],
    contacts: [],
    note: null,
  });
  const bundle = await ask<Bundle>(page, 'GET', '/exports/fhir');
  const kinds = new Set(bundle.entry.map(({ resource }) => resource.resourceType));
  expect([...kinds].sort()).toEqual(['Condition', 'Observation', 'Patient']);
  expect(faults(bundle)).toEqual([]);

  const broken = structuredClone(bundle);
  const patient = broken.entry.find(({ resource }) => resource.resourceType === 'Patient')?.resource ?? {};
  Object.assign(patient, { gender: 'woman', shoeSize: 38 });
  expect(faults(broken).join()).toMatch(/gender[\s\S]*shoeSize|shoeSize[\s\S]*gender/);
  await server.end();
});
