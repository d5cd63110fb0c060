import { CountersignError } from '../../domain/countersign-error.ts';
import { foldStreamedAnswer } from './fold-streamed-answer.ts';

/**
 * fetch that returns when the whole body is here: within the size limit, no redirects followed
 * (they would take the prompt, and perhaps the key, to another host), and a streamed answer folded into one object.
 */
export function createWholeBodyFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const text = await readText(response, maxBytes);
    const streamed = response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
    return new Response(streamed ? foldStreamedAnswer(text) : text, {
      // A redirect is an error here, and `Response` takes no body beside its status.
      status: response.status < 300 ? 200 : Math.max(response.status, 400),
      headers: streamed ? { 'content-type': 'application/json' } : keptHeaders(response.headers),
    });
  };
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let seen = 0;
  for await (const chunk of response.body) {
    seen += chunk.byteLength;
    if (seen > maxBytes)
      throw new CountersignError('model-answer-invalid', { message: `the answer has more than ${maxBytes} bytes` });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The body is decoded by now, so its length and encoding as sent would be wrong. */
function keptHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}
