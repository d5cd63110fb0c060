declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
/** Ours, unique for ever within a tenant; Temporal's own is called `temporalRunId`. */
export type RunId = Branded<'RunId'>;
/** `<tenant>/<runId>`: the Temporal workflow id. */
export type WorkflowId = Branded<'WorkflowId'>;
/** `t<turn>.<index>`, made by the engine from the order of proposals. */
export type CallId = Branded<'CallId'>;
/** `<tenant>/<runId>/t<turn>.<index>`: stable over retry, reset and continue-as-new. */
export type EffectKey = Branded<'EffectKey'>;

const tenantForm = /^[a-z0-9][a-z0-9-]{0,31}$/;
const runForm = /^[A-Za-z0-9._-]{1,64}$/;
const callForm = /^t[1-9][0-9]{0,8}\.(0|[1-9][0-9]{0,8})$/;

export const parseTenantId = (text: string): TenantId => parsed(text, tenantForm, 'tenant');
export const parseRunId = (text: string): RunId => parsed(text, runForm, 'run id');

/** The one cast of every branded id. Throws RangeError: edges have refused other forms before. */
function parsed<Id extends string>(text: string, form: RegExp, what: string): Id {
  if (!form.test(text)) throw new RangeError(`not a ${what}`);
  return text as Id;
}

export function workflowIdOf(tenant: TenantId, runId: RunId): WorkflowId {
  return `${tenant}/${runId}` as WorkflowId;
}

export function callIdOf(turn: number, index: number): CallId {
  return `t${turn}.${index}` as CallId;
}

export const isCallId = (text: string): text is CallId => callForm.test(text);

/** The turn in which a call was proposed; 0 for a form that is not ours. */
export function turnOf(callId: CallId): number {
  return Number(/^t([0-9]{1,9})\./.exec(callId)?.[1] ?? 0);
}

export function effectKeyOf(tenant: TenantId, runId: RunId, callId: CallId): EffectKey {
  return `${tenant}/${runId}/${callId}` as EffectKey;
}
