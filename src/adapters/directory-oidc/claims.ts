import { CountersignError } from '../../domain/countersign-error.ts';
import { type Identity, speakerRole } from '../../ports/directory.port.ts';
import type { ClaimRules } from './oidc-settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** More values than this are refused and not cut off: a group may be a reason why somebody must not approve. */
const maxValues = 1_000;
const valueForm = /^[^\p{Cc}]{1,256}$/u;
const tenantForm = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The authority to speak for a principal is the operator's to give, client by client. */
const reservedRoles: readonly string[] = [speakerRole];

/** A person is the issuer's `sub`, and never that alone: an issuer has no fragment, so the first `#` parts the two. */
export function personSubject(issuer: string, sub: string): string {
  return `${issuer}#${sub}`;
}

/** No person's subject begins so. */
export function serviceSubject(issuer: string, clientId: string): string {
  return `service:${issuer}#${clientId}`;
}

/** What claims say of roles, groups and tenant. Codes: `sign-in-invalid`, `sign-in-without-role`. */
export function standingIn(claims: Claims, rules: ClaimRules): Pick<Identity, 'roles' | 'groups' | 'tenant'> {
  const roles = mapped(valuesAt(claims, rules.rolesClaim), rules.roleMap).filter(
    (role) => !reservedRoles.includes(role),
  );
  if (roles.length === 0) throw new CountersignError('sign-in-without-role');
  const groups = mapped(valuesAt(claims, rules.groupsClaim), rules.groupMap);
  return { roles, groups, tenant: tenantOf(claims, rules.tenant) };
}

/** The first of these claims that is a name; pages show unusual characters for what they are. */
export function displayNameOf(claims: Claims, otherwise: string): string {
  const names = ['name', 'preferred_username', 'email'].map((claim) => claims[claim]);
  const name = names.find((value): value is string => typeof value === 'string' && valueForm.test(value));
  return name ?? otherwise;
}

/** Marked as the provider's word, so that it never passes for a proof that this server took itself. */
export function acrOf({ acr }: Claims): string {
  return typeof acr === 'string' && /^[\x21-\x7e]{1,128}$/.test(acr) ? `oidc:${acr}` : 'oidc';
}

function tenantOf(claims: Claims, tenant: ClaimRules['tenant']): string {
  if ('fixed' in tenant) return tenant.fixed;
  const value = claimAt(claims, tenant.claim);
  if (typeof value === 'string' && tenantForm.test(value)) return value;
  throw invalid(tenant.claim, 'must name the tenant');
}

function mapped(values: readonly string[], map: ReadonlyMap<string, string> | undefined): readonly string[] {
  const ours = map === undefined ? values : values.flatMap((value) => map.get(value) ?? []);
  return [...new Set(ours)];
}

function valuesAt(claims: Claims, claim: string): readonly string[] {
  const found = claimAt(claims, claim);
  if (found === undefined || found === null) {
    if (isElsewhere(claims, claim)) throw invalid(claim, 'is given as a reference, which is not followed');
    return [];
  }
  const values: readonly unknown[] = Array.isArray(found) ? found : [found];
  if (values.length > maxValues) throw invalid(claim, `must hold at most ${maxValues} values`);
  return values.map((value) => {
    if (typeof value === 'string' && valueForm.test(value)) return value;
    throw invalid(claim, 'must hold texts of at most 256 characters');
  });
}

/** Providers replace a long list by a reference (OpenID Connect Core, 5.6.2). */
function isElsewhere({ _claim_names: names }: Claims, claim: string): boolean {
  return typeof names === 'object' && names !== null && Object.hasOwn(names, claim);
}

function claimAt(claims: Claims, claim: string): unknown {
  if (!claim.startsWith('/')) return memberOf(claims, claim);
  const path = claim.slice(1).split('/');
  return path.reduce<unknown>(
    (value, step) => memberOf(value, step.replaceAll('~1', '/').replaceAll('~0', '~')),
    claims,
  );
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function invalid(claim: string, rule: string): CountersignError {
  return new CountersignError('sign-in-invalid', { message: `The claim ${claim} ${rule}.` });
}
