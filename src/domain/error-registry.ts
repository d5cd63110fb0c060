import { delegationErrors } from './delegation-errors.ts';
import { type ErrorRow, passing, row } from './error-row.ts';
import { passkeyErrors } from './passkey-errors.ts';
import { setUpErrors } from './set-up-errors.ts';
import { signInErrors } from './sign-in-errors.ts';

/**
 * Every error that leaves the engine, as a row: what it means, whether Temporal may try again,
 * the HTTP status it becomes, and what the reader can do next. `docs/reference/errors.md` is generated from it.
 */
export const errorRegistry = {
  // the edge
  'invalid-request': row(
    400,
    'The request does not match its schema.',
    'Each entry of `errors` names a field and the rule it broke.',
  ),
  'invalid-configuration': row(
    500,
    'The configuration cannot be used.',
    'Mend every key that is listed; `countersign doctor` checks again.',
  ),
  'payload-too-large': row(
    413,
    'The body is over the limit.',
    'Send less, or refer to the content instead of embedding it.',
  ),
  'unauthenticated': row(
    401,
    'Nobody is signed in, or the token is not valid.',
    'Sign in, or get a token with `countersign token --as NAME`.',
  ),
  'forbidden': row(403, 'This identity may not do that.', 'Ask somebody whose role allows it.'),
  ...signInErrors,
  'csrf-refused': row(403, 'The form did not come from this site.', 'Reload the page and send it again.'),
  'host-refused': row(
    421,
    'The server does not answer for this host name.',
    'Use the address that `countersign up` printed.',
  ),
  'rate-limited': passing(429, 'Too many requests.', 'Wait as long as `Retry-After` says.'),
  'not-found': row(404, 'There is nothing at this address.', 'Check the id; see `/openapi.json` for the addresses.'),
  'internal': row(
    500,
    'Something failed that should not.',
    'The log holds the same `instance`; report it with that id.',
  ),
  'unavailable': passing(503, 'A part that is needed is not reachable.', 'Run `countersign doctor`.'),

  // runs
  'agent-not-found': row(
    404,
    'No such agent, or no such version of it.',
    'List the agents with `countersign doctor`, or publish it.',
  ),
  'run-not-found': row(404, 'No such run.', 'List the runs with `countersign runs`.'),
  'run-conflict': row(
    409,
    'This run id was used for another request.',
    'Choose another run id, or send the same body again.',
  ),
  'run-closed': row(409, 'The run has ended.', 'Start a new run.'),
  'steering-exhausted': row(
    409,
    'The run takes no more messages now.',
    'Wait until it has read what you wrote; see the limits in docs/reference/limits.md.',
  ),
  'idempotency-conflict': row(
    409,
    'This Idempotency-Key was used for another request.',
    'Choose another key, or send the same body again.',
  ),
  'steering-forged': row(403, 'A stored message to the run does not verify.', 'It was recorded and ignored.'),
  'start-denied': row(
    403,
    'Policy does not let this identity start this agent.',
    'Ask the owner of the agent, or change the `start-run` policy.',
  ),
  'ticket-invalid': row(
    403,
    'The run has no valid admission ticket.',
    'Start runs through the API; a workflow started beside it is refused.',
  ),
  'mandate-not-declared': row(
    422,
    'The model did not declare a mandate.',
    'Try a model that supports forced tool calls.',
  ),
  'mandate-invalid': row(
    422,
    'The declared mandate names what the agent may never use.',
    'Compare the task with the agent’s `tools`.',
  ),
  'mandate-corrupt': row(
    409,
    'The sealed mandate record does not verify.',
    'Treat as an incident: somebody changed the record.',
  ),
  'cancelled': row(409, 'The run was cancelled.', 'Start a new run.'),
  'steps-exhausted': row(409, 'The run used all its steps.', 'Raise `limits.steps`, or give a smaller task.'),
  'wall-time-exhausted': row(409, 'The run used all its time.', 'Raise `limits.wallTime`, or answer approvals sooner.'),
  'manifest-invalid': row(
    422,
    'An agent or tool-server file is not valid.',
    'Each entry names the file, the field and the rule; the version in force stays.',
  ),

  // actions: the codes a model sees come first
  'denied': row(403, 'Policy or mandate refused the action.', 'The rule is named; a person cannot approve past it.'),
  'rejected': row(403, 'A person rejected the action.', 'The reason is on the approval.'),
  'expired': row(410, 'Nobody answered in time, which is a rejection.', 'Start again, or give approvers more time.'),
  'held': row(423, 'A hold is in force.', 'See who set it, and why, with `countersign hold`.'),
  'budget-exceeded': row(
    403,
    'The budget of the run is used up.',
    'Raise the limit in agent.yaml and start a new run.',
  ),
  'invalid-arguments': row(
    422,
    'The arguments do not match the tool’s schema.',
    'The model is told; nothing was called.',
  ),
  'tool-failed': row(502, 'The tool reported an error.', 'The tool’s own message is in the action.'),
  'in-doubt': row(
    502,
    'Nobody knows whether the effect happened.',
    'Check the other system, then settle the effect by hand.',
  ),
  'tool-changed': row(
    409,
    'The tool server announces something else than was reviewed.',
    'Compare, review, and pin the new hash in the tool-server file.',
  ),
  'tool-unknown': row(404, 'No such tool in the catalogue.', 'The model is told; nothing was called.'),
  'digest-conflict': row(
    409,
    'The same effect key came with another digest.',
    'Treat as an incident: history or journal was changed.',
  ),
  'policy-error': row(
    500,
    'Policy could not be evaluated, so the action is refused.',
    'Run `countersign policy check`.',
  ),
  'policy-invalid': row(
    422,
    'A policy file is not valid.',
    'Run `countersign policy check`; the bundle in force stays.',
  ),
  'facts-unavailable': passing(
    503,
    'The records that policy needs cannot be read.',
    'Check the tool server that holds the operator’s records.',
  ),

  // what the outside may do to us
  'tool-unreachable': passing(
    502,
    'The tool server was not reached; nothing was sent.',
    'Check its address and that it runs.',
  ),
  'tool-outcome-unknown': passing(
    502,
    'The tool server was called and its answer was lost.',
    'The ledger decides whether to ask again.',
  ),
  'tool-answer-invalid': row(
    502,
    'The tool server answered with what cannot be used.',
    'See the limits in docs/reference/limits.md.',
  ),
  'model-rate-limited': passing(
    429,
    'The model’s host asks to slow down.',
    'It is retried after the time the host gave.',
  ),
  'model-unavailable': passing(
    503,
    'The model’s host does not answer.',
    'It is retried; check COUNTERSIGN_MODEL_BASE_URL.',
  ),
  'model-refused': row(422, 'The model’s host refused to answer.', 'Read the refusal on the run page.'),
  'model-request-invalid': row(
    502,
    'The model’s host does not accept the request.',
    'Check COUNTERSIGN_MODEL and the key; the context may be too long.',
  ),
  'model-answer-invalid': passing(
    502,
    'The model’s answer cannot be read.',
    'It is asked again a few times, then the run fails.',
  ),

  // approvals
  'approval-not-found': row(404, 'No such approval.', 'List them with `countersign approvals list`.'),
  'notes-exhausted': row(409, 'The approval takes no more notes.', 'Answer it, or talk to each other elsewhere.'),
  'verdict-not-found': row(
    404,
    'You have no answer here that could be taken back.',
    'See who has answered on the approval; each person takes back his own.',
  ),
  'not-an-approver': row(
    403,
    'This identity has none of the roles that the approval needs.',
    'Ask somebody with one of the roles shown on the approval.',
  ),
  'self-approval': row(
    403,
    'Who started the run, or owns the agent, cannot approve its actions.',
    'Ask somebody else.',
  ),
  'step-up-required': row(
    403,
    'This verdict needs a fresh proof of identity.',
    'Answer on the page of the approval, with your passkey, or by signing in again where it offers that.',
  ),
  'approval-closed': row(410, 'The approval is no longer open.', 'Reload it to see who decided.'),
  'digest-mismatch': row(
    409,
    'The page shows another action than the one that is asked about now.',
    'Reload the approval and look again.',
  ),
  'already-decided': row(
    409,
    'You have already answered this approval.',
    'One verdict a person; see the list of verdicts.',
  ),
  ...passkeyErrors,
  ...delegationErrors,
  'verdict-forged': row(403, 'A verdict does not verify.', 'It was recorded and ignored.'),

  ...setUpErrors,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorRegistry;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorRegistry, code);
}
