import { streamSSE } from 'hono/streaming';
import { timelineItemSchema } from '../../contracts/http/timeline.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { StreamSlots } from '../edge/stream-slots.ts';
import type { ApiLog } from '../log.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';

export interface EventRouteDependencies extends Pick<Services, 'runs'> {
  readonly slots: StreamSlots;
  /** Aborts when the server goes down, so that open streams do not hold it. */
  readonly stopping: AbortSignal;
  readonly log: ApiLog;
}

export function eventRoute({ runs, slots, stopping, log }: EventRouteDependencies): ApiRoute {
  return {
    method: 'get',
    path: '/v1/runs/{runId}/events',
    operationId: 'followRun',
    summary: 'The run as it happens, as server-sent events; ends after `run-closed`.',
    headers: { 'Last-Event-ID': 'Resume after this event.' },
    answers: {
      200: {
        description: 'Events; `data` is a timeline item as JSON.',
        schema: timelineItemSchema,
        mediaType: 'text/event-stream',
      },
      204: { description: 'The run has ended and every event was seen: do not connect again.' },
    },
    problems: ['run-not-found'],
    access: 'principal',
    async handle(context, principal) {
      const runId = context.req.param('runId') ?? '';
      const after = positionOf(context.req.header('last-event-id'));
      const run = await runs.findRun(principal, runId);
      if (run.closedAt !== undefined && (await runs.runTimeline(principal, runId, after)).length === 0)
        return context.body(null, 204);
      // Nobody would read the stream, so it would hold its slot for ever.
      if (context.req.method === 'HEAD') return context.body(null, 200);
      const release = slots.take(`${principal.identity.tenant}/${principal.identity.subject}`);
      context.header('Cache-Control', 'no-store');
      context.header('X-Accel-Buffering', 'no');
      return streamSSE(context, async (stream) => {
        const gone = new AbortController();
        stream.onAbort(() => gone.abort());
        try {
          await stream.write(': open\n\n');
          // Each write waits for the reader, so a slow one holds one page of items and no more.
          for await (const item of runs.followTimeline(
            principal,
            runId,
            after,
            AbortSignal.any([gone.signal, stopping]),
          )) {
            if (item === 'idle') await stream.write(': alive\n\n');
            else await stream.writeSSE({ id: String(item.position), event: item.event, data: JSON.stringify(item) });
          }
        } catch (error) {
          // The status is sent, so all that is left is to end; the reader resumes and meets the error there.
          log.error('event-stream-failed', { runId }, error);
        } finally {
          release();
        }
      });
    },
  };
}

function positionOf(header: string | undefined): number {
  if (header === undefined || header === '') return 0;
  if (!/^[0-9]{1,15}$/.test(header)) {
    throw new CountersignError('invalid-request', {
      fields: [{ path: 'Last-Event-ID', rule: 'must be the id of an event' }],
    });
  }
  return Number(header);
}
