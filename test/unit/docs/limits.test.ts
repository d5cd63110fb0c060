import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { attemptsBeforeGivingUp } from '../../../activities/attempt.ts';
import { proposalsPerTurn } from '../../../activities/propose-actions.ts';
import { maxBlobBytes } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { devTokenSeconds } from '../../../src/adapters/directory-dev/dev-tokens.ts';
import { smtpTimeoutMs, smtpWholeTimeoutMs } from '../../../src/adapters/nudge-sender-smtp/send-mail.ts';
import { webhookTimeoutMs } from '../../../src/adapters/nudge-sender-webhook/send-webhook.ts';
import { maxRungs } from '../../../src/adapters/policy-cedar/parse-ask.ts';
import {
  maxRequestCharacters,
  maxRequestDepth,
  maxRequestValues,
} from '../../../src/adapters/policy-cedar/refuse-oversized.ts';
import { defaultMcpLimits } from '../../../src/adapters/tools-mcp/mcp-limits.ts';
import { verdictRate } from '../../../src/api/approvals/create-approval-service.ts';
import { defaultLimits } from '../../../src/api/create-api.ts';
import { maxBodyBytes } from '../../../src/api/http/read-json-body.ts';
import { defaultSessionEnds } from '../../../src/api/identity/create-sessions.ts';
import { maxBodyDepth } from '../../../src/api/json/strict-json.ts';
import { noteRate } from '../../../src/api/notes/create-note-service.ts';
import { maxNudgeAttempts, maxNudgeBackOffMs } from '../../../src/api/nudges/send-nudge.ts';
import { mostPasskeysHeld } from '../../../src/api/passkeys/create-passkey-service.ts';
import { challengeMs } from '../../../src/api/passkeys/passkey-challenges.ts';
import { steeringRate } from '../../../src/api/steering/steer-run.ts';
import { mostWithdrawn } from '../../../src/api/verdicts/withdraw-verdict.ts';
import { maxReasonLength } from '../../../src/contracts/http/approval.schema.ts';
import { maxBatchItems } from '../../../src/contracts/http/batch.schema.ts';
import { maxDelegationReason } from '../../../src/contracts/http/delegation.schema.ts';
import { maxNoteLength } from '../../../src/contracts/http/note.schema.ts';
import { maxTaskLength } from '../../../src/contracts/http/run.schema.ts';
import { maxSteerLength } from '../../../src/contracts/http/steering.schema.ts';
import { maxJsonDepth } from '../../../src/digest/canonical-json.ts';
import { maxArgumentCharacters } from '../../../src/domain/action.ts';
import { maxApprovalNotes } from '../../../src/domain/approval-note.ts';
import { mostDelegationDays, mostDelegationsLent } from '../../../src/domain/delegation.ts';
import { maxSteerMessages, maxUnreadSteerMessages } from '../../../src/domain/steering.ts';
import { maxReviewedFileBytes } from '../../../src/reviewed-files/read-reviewed-file.ts';

const page = await readFile('docs/reference/limits.md', 'utf8');
const grouped = (value: number) => value.toLocaleString('en-US');
const kib = (bytes: number) => `${bytes / 1_024} KiB`;
const mib = (bytes: number) => `${bytes / 1_024 / 1_024} MiB`;
const { address, identity, streams } = defaultLimits;

test.each([
  ['body of any request to the API', kib(maxBodyBytes)],
  ['nesting of a JSON body', String(maxBodyDepth)],
  ['answers in one batch', `${maxBatchItems}, no approval twice`],
  [
    'verdicts of one identity, one by one or in batches',
    `${verdictRate.perSecond} a second, ${grouped(verdictRate.burst)} at once`,
  ],
  ['`task`', `${grouped(maxTaskLength)} characters`],
  ['`reason` of a verdict', `${grouped(maxReasonLength)} characters`],
  ['one person takes his answer to one approval back', `${mostWithdrawn} times`],
  ['`text` of a note on an approval', `${grouped(maxNoteLength)} characters`],
  ['notes on one approval', String(maxApprovalNotes)],
  ['notes of one person', `${noteRate.burst} at once, then one every ${1 / noteRate.perSecond} s`],
  ['`text` of a message to a run', `${grouped(maxSteerLength)} characters`],
  ['messages to one run, of them not read yet', `${maxSteerMessages}, ${maxUnreadSteerMessages}`],
  [
    'messages of one principal to one run',
    `${steeringRate.burst} at once, then one every ${1 / steeringRate.perSecond} s`,
  ],
  ['passkeys of one person that are not revoked', String(mostPasskeysHeld)],
  ['delegations of one person that are neither ended nor over', String(mostDelegationsLent)],
  ['time from begin to end of a delegation, and from now to its begin', `${mostDelegationDays} days`],
  ['`reason` of a delegation', `${maxDelegationReason} characters`],
  ["answer to a passkey's challenge; challenges of one session", `${challengeMs / 1_000} s; 1`],
  ['requests of one address', `${address.perSecond} a second, ${grouped(address.burst)} at once`],
  ['requests of one identity', `${identity.perSecond} a second, ${grouped(identity.burst)} at once`],
  ['event streams that one identity holds open', String(streams)],
  [
    'session without use, in all (unless configured)',
    `${defaultSessionEnds.idleMs / 60_000} min, ${defaultSessionEnds.absoluteMs / 3_600_000} h`,
  ],
  ['development token', `${devTokenSeconds / 3_600} h`],
  ['`agent.yaml`, prompt, tool-server file, `.cedar` file, schema, case', `${kib(maxReviewedFileBytes)} each`],
  ['quorum; roles of one `@ask` or of one rung of it; rungs', `16; 16; ${maxRungs}`],
  ['values in one request', grouped(maxRequestValues)],
  ['characters in one request, keys included', grouped(maxRequestCharacters)],
  ['nesting of one request', String(maxRequestDepth)],
  ['one answer', `${mib(defaultMcpLimits.maxAnswerBytes)}, nesting ${maxJsonDepth}, exact JSON`],
  ['tools; pages that a server announces', `${defaultMcpLimits.maxTools}; ${defaultMcpLimits.maxPages}`],
  ['connecting', `${defaultMcpLimits.connectTimeoutMs / 1_000} s`],
  ['connection without use', `${defaultMcpLimits.idleTimeoutMs / 1_000} s`],
  ['calls proposed in one turn', String(proposalsPerTurn)],
  ['arguments of one call', `${grouped(maxArgumentCharacters)} characters of JSON`],
  ['attempts at an answer that cannot be read', String(attemptsBeforeGivingUp)],
  [
    'wait for a receiver of webhooks; for each answer of a mail server, and in all',
    `${webhookTimeoutMs / 1_000} s; ${smtpTimeoutMs / 1_000} s, ${smtpWholeTimeoutMs / 1_000} s`,
  ],
  [
    'attempts at one message about a question',
    `${maxNudgeAttempts}, with pauses from 5 s doubling up to ${maxNudgeBackOffMs / 60_000} min`,
  ],
  ['one stored value: transcript head, envelope, result, answer', mib(maxBlobBytes)],
])('the page of limits says of “%s” what the code does', (what, limit) => {
  expect(page).toContain(`| ${what} | ${limit} |`);
});
