import type { CountersignClient } from '../../client/create-client.ts';
import type { RunView } from '../../contracts/http/run.schema.ts';
import type { Shell } from '../shell.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createNarrator } from '../timeline/create-narrator.ts';

export interface Following {
  readonly shell: Shell;
  readonly terminal: Terminal;
  readonly client: CountersignClient;
  /** Where the pages are, without a trailing slash. */
  readonly pages: string;
}

/** Tells a run from its beginning until it ends, or until it first waits for people and nothing else; returns it as it then is. */
export async function followRun(
  { shell, terminal, client, pages }: Following,
  runId: string,
  until: 'end' | 'first-question',
): Promise<RunView> {
  const narrator = createNarrator({ terminal, pages });
  for await (const item of client.runs.events(runId, { signal: shell.interrupted })) {
    narrator.tell(item);
    if (until === 'end' || item.event !== 'approval-opened') continue;
    const run = await client.runs.get(runId);
    if (run.state === 'waiting') return run;
  }
  return client.runs.get(runId);
}
