export interface InboxStream {
  /** When this stream told of an approval, in epoch milliseconds; fails after 30 seconds. */
  told(approvalId: string): Promise<number>;
  close(): void;
}

const patienceMs = 30_000;

/** The cookie of a new session. */
export async function signIn(url: string, subject: string): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: `subject=${subject}`,
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`nobody was signed in: ${answer.status}`);
  return cookie;
}

/** What the script of an open inbox listens to. */
export async function openInboxStream(url: string, cookie: string): Promise<InboxStream> {
  const abort = new AbortController();
  const answer = await fetch(`${url}/inbox/changes`, { headers: { cookie }, signal: abort.signal });
  const { body } = answer;
  if (answer.status !== 200 || body === null) throw new Error(`no stream: ${answer.status}`);
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  void listen(body, (text) => {
    const at = performance.timeOrigin + performance.now();
    for (const [approvalId] of text.matchAll(/apr_[0-9a-f]{32}/g)) {
      if (!arrivals.has(approvalId)) arrivals.set(approvalId, at);
      waiting.get(approvalId)?.(at);
    }
  });
  return {
    told(approvalId) {
      const known = arrivals.get(approvalId);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('an open inbox was not told')), patienceMs);
        waiting.set(approvalId, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      });
    },
    close: () => abort.abort(),
  };
}

async function listen(body: ReadableStream<Uint8Array>, heard: (text: string) => void): Promise<void> {
  let rest = '';
  try {
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      heard(lines.join('\n'));
    }
  } catch {
    return; // closed by us; whoever waits for more runs into his patience
  }
}
