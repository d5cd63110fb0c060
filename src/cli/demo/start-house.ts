import { setTimeout as delay } from 'node:timers/promises';
import type { Configuration } from '../../config/configuration.ts';
import type { Embedded } from '../../main/embedded.ts';
import { type DeskProcess, startDesk } from './desk-process.ts';

/** Everything the demo needs, under one roof: the desk with its tools, and the embedded server. */
export interface House {
  readonly embedded: Embedded;
  /** Aborts when a part of it dies, with the reason. */
  readonly trouble: AbortSignal;
  stop(): Promise<void>;
}

export interface HouseOptions {
  readonly folder: string;
  readonly agents: string;
  readonly policies: string;
  readonly port: number;
  readonly deskPort: number;
  readonly configuration: Configuration;
  readonly progress: (sentence: string) => void;
  readonly interrupted: AbortSignal;
}

/** The tool server’s name in agents/servers/. */
const deskServer = 'invoices';
const finishStartingMs = 10_000;

/** Starts both at once; where one fails, or the user interrupts, the other is stopped again. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { folder, agents, policies, port, deskPort: toolPort, configuration, progress, interrupted } = options;
  const desk = startDesk({
    dataFolder: `${folder}/invoice-desk`,
    port: toolPort,
    environment: configuration.surroundings.childEnvironment,
  });
  const toolUrls = { [deskServer]: `http://127.0.0.1:${toolPort}/mcp` };
  // Loaded here, and not with this file: it takes a second or two, in which the desk comes up already.
  const embedded = import('../../main/embedded.ts').then(({ startEmbedded }) =>
    startEmbedded({
      agents,
      policies,
      data: folder,
      port,
      // it plays everybody itself, so its people are made up wherever real ones sign in elsewhere
      configuration: { ...configuration, signIn: undefined },
      toolUrls,
      progress,
    }),
  );
  const parts = [desk, embedded] as const;
  try {
    const [deskUp, embeddedUp] = await Promise.race([Promise.all(parts), whenAborted(interrupted)]);
    return { embedded: embeddedUp, trouble: troubleIn(deskUp, embeddedUp), stop: () => stopAll(parts) };
  } catch (error) {
    await Promise.race([stopAll(parts), delay(finishStartingMs, undefined, { ref: false })]);
    throw error;
  }
}

function troubleIn(desk: DeskProcess, embedded: Embedded): AbortSignal {
  const trouble = new AbortController();
  for (const ended of [desk.ended, embedded.ended]) ended.catch((reason: unknown) => trouble.abort(reason));
  return trouble.signal;
}

/** The server first: what is under way may still need the desk. */
async function stopAll([desk, embedded]: readonly [Promise<DeskProcess>, Promise<Embedded>]): Promise<void> {
  const stopIfUp = async (part: Promise<{ stop(): Promise<void> }>) => (await part.catch(() => undefined))?.stop();
  try {
    await stopIfUp(embedded);
  } finally {
    await stopIfUp(desk);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
