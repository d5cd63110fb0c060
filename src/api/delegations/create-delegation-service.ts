import { randomBytes } from 'node:crypto';
import { type DelegationView, type Lend, lendSchema } from '../../contracts/http/delegation.schema.ts';
import { delegationText } from '../../digest/delegations.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import {
  type Delegation,
  isWithin,
  mayBeLent,
  mostDelegationDays,
  mostDelegationsLent,
} from '../../domain/delegation.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { DelegationRow, DelegationStore } from '../../ports/delegation-store.port.ts';
import { type Directory, type Identity, requireAdmin, speakerRole } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { parseInput } from '../input.ts';
import type { DelegationService } from './delegation-service.ts';

export interface DelegationDependencies {
  readonly delegations: DelegationStore;
  readonly keys: Pick<KeyService, 'sign'>;
  readonly directory: Directory;
  readonly clock: Clock;
}

const mostListed = 200;
const delegationForm = /^dlg_[0-9a-f]{32}$/;
const longestMs = mostDelegationDays * 86_400_000;
/** Clocks differ a little: a begin that has just passed is now. */
const slackMs = 60_000;

/** Lending, listing and ending. Whether what was lent counts is asked where somebody answers. */
export function createDelegationService(dependencies: DelegationDependencies): DelegationService {
  const { delegations, keys, directory, clock } = dependencies;

  return {
    async listDelegations({ identity }, { all }) {
      const { tenant, subject } = identity;
      if (all === 'true') {
        requireAdmin(identity);
        return viewsOf(await delegations.list({ tenant, limit: mostListed }), identity);
      }
      const [lent, borrowed] = await Promise.all([
        delegations.list({ tenant, from: subject, limit: mostListed }),
        delegations.list({ tenant, to: subject, limit: mostListed }),
      ]);
      return viewsOf([...lent, ...borrowed], identity);
    },

    async lend({ identity }, body) {
      if (identity.kind !== 'person') throw new CountersignError('forbidden');
      const wanted = parseInput(lendSchema, body);
      const { tenant, subject } = identity;
      await checkPeople(directory, identity, wanted);
      const delegation: Delegation = {
        v: 1,
        delegationId: `dlg_${randomBytes(16).toString('hex')}`,
        tenant,
        from: subject,
        to: wanted.to,
        roles: [...new Set(wanted.roles)],
        ...timesOf(wanted, clock.now()),
        reason: wanted.reason ?? '',
        at: isoTime(clock),
      };
      const signed = { delegation, ...(await keys.sign('delegation', delegationText(delegation))) };
      const { delegationId, at } = delegation;
      const record = recordOf('approvals-delegated', { tenant, runId: '' }, delegationId, at, factsOf(delegation));
      if ((await delegations.lend(signed, mostDelegationsLent, record)) === 'limit')
        throw new CountersignError('delegation-limit');
      return viewOf({ signed, state: 'active' }, identity, at);
    },

    async endDelegation({ identity }, delegationId) {
      const { tenant, subject: by } = identity;
      const find = async () => (delegationForm.test(delegationId) ? delegations.find(tenant, delegationId) : undefined);
      const row = await find();
      if (row === undefined) throw new CountersignError('not-found', { message: 'No such delegation.' });
      const { delegation } = row.signed;
      if (!mayEnd(identity, delegation)) throw new CountersignError('forbidden');
      const at = isoTime(clock);
      const record = recordOf('delegation-ended', { tenant, runId: '' }, delegationId, at, {
        ...factsOf(delegation),
        by,
      });
      if (row.state === 'active') await delegations.end(row.signed, { by, at }, record);
      return viewOf((await find()) ?? row, identity, at);
    },
  };

  function viewsOf(rows: readonly DelegationRow[], identity: Identity) {
    const now = isoTime(clock);
    return { items: rows.map((row) => viewOf(row, identity, now)) };
  }
}

/** Only what the lender holds himself, by the directory: what he borrowed stands in no directory. */
async function checkPeople(directory: Directory, lender: Identity, { to, roles }: Lend): Promise<void> {
  const [self, delegate] = await Promise.all([directory.find(lender.subject), directory.find(to)]);
  const isHeld = (role: string) => self?.roles.includes(role) && mayBeLent(role) && role !== speakerRole;
  if (!roles.every(isHeld)) throw invalid('roles', 'must be roles that you hold yourself, and not admin');
  if (to === lender.subject) throw invalid('to', 'must be somebody else');
  if (delegate?.kind !== 'person' || delegate.tenant !== lender.tenant)
    throw invalid('to', 'must be a person who is known here');
}

function timesOf({ begins, ends }: Lend, now: number): Pick<Delegation, 'begins' | 'ends'> {
  const begin = begins === undefined ? now : Date.parse(begins);
  if (begin < now - slackMs) throw invalid('begins', 'must not have passed');
  if (begin > now + longestMs) throw invalid('begins', `must be within ${mostDelegationDays} days`);
  const first = Math.max(begin, now);
  const end = Date.parse(ends);
  if (end <= first) throw invalid('ends', 'must come after the begin');
  if (end > first + longestMs) throw invalid('ends', `must be at most ${mostDelegationDays} days after the begin`);
  return { begins: new Date(first).toISOString(), ends: new Date(end).toISOString() };
}

function invalid(path: string, rule: string): CountersignError {
  return new CountersignError('invalid-request', { fields: [{ path, rule }] });
}

function factsOf({ delegationId, from, to, roles, begins, ends }: Delegation) {
  return { delegationId, from, to, roles, begins, ends };
}

function mayEnd({ kind, subject, roles }: Identity, { from }: Delegation): boolean {
  return kind === 'person' && (subject === from || roles.includes('admin'));
}

function viewOf({ signed, state, endedBy, endedAt }: DelegationRow, identity: Identity, now: string): DelegationView {
  const { v: _, tenant: __, reason, roles, ...delegation } = signed.delegation;
  const isOpen = state === 'active' && now < delegation.ends;
  return {
    ...delegation,
    roles: [...roles],
    ...(reason !== '' && { reason }),
    state,
    inForce: state === 'active' && isWithin(delegation, now),
    ...(endedBy !== undefined && { endedBy }),
    ...(endedAt !== undefined && { endedAt }),
    may: { end: isOpen && mayEnd(identity, signed.delegation) },
  };
}
