import type { KeyService, Sealed } from '../../ports/key-service.port.ts';
import type { KnownPerson } from '../../ports/person-store.port.ts';
import { sealJson } from './sealed-json.ts';
import { installation, subjectMac } from './subject-mac.ts';

export function personContext(mac: string): string {
  return `person/${mac}`;
}

export async function sealPerson(keys: KeyService, person: KnownPerson): Promise<Sealed & { readonly mac: string }> {
  const mac = await subjectMac(keys, installation, person.identity.subject);
  return { mac, ...(await sealJson(keys, installation, personContext(mac), person)) };
}
