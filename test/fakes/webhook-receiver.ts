import { headersOf, listenOnLoopback, readBody } from './http-listener.ts';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What it answers with: a status and headers, nothing at all, or 200 and a body that does not end. */
export type WebhookAnswer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | 'silence'
  | 'endless';

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
  /** The next requests, in order; once they are used up, 200. */
  answer(...answers: readonly WebhookAnswer[]): void;
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const answers: WebhookAnswer[] = [];
  const listener = await listenOnLoopback(async (request, response) => {
    received.push({ path: request.url ?? '', headers: headersOf(request), body: await readBody(request) });
    const answer = answers.shift() ?? { status: 200 };
    if (answer === 'endless') response.writeHead(200).write('x'.repeat(1_000_000));
    else if (answer !== 'silence') response.writeHead(answer.status, answer.headers).end('ok');
  });
  return {
    url: `${listener.origin}/hook`,
    received,
    answer: (...next) => void answers.push(...next),
    close: () => listener.close(),
  };
}
