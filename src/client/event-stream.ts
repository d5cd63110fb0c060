/** One server-sent event, as far as we send them. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** Characters of one event; a server that sends more is not ours. */
const maxEventLength = 8 * 1_024 * 1_024;

/** Reads `text/event-stream` (HTML standard, 9.2.6) as our server writes it: lines end in LF or CR LF. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    if (rest.length > maxEventLength) throw new RangeError('event too long');
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(block: string): ServerSentEvent | undefined {
  const fields = block.split(/\r?\n/).map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
  });
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return undefined;
  return { id: fields.findLast(([name]) => name === 'id')?.[1], data: data.join('\n') };
}
