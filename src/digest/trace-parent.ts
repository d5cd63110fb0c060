import { createHash } from 'node:crypto';

/**
 * W3C Trace Context `traceparent` for one outbound call. The trace belongs to the run and the span to the call,
 * both derived, so that a retry is seen as the same call.
 */
export function traceParent(workflowId: string, span: string): string {
  const hex = (text: string, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length);
  return `00-${hex(`trace\0${workflowId}`, 32)}-${hex(`span\0${workflowId}\0${span}`, 16)}-01`;
}
