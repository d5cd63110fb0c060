import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  readonly pid: number;
  /** What it told when it was ready. */
  readonly ready: unknown;
  /** Asks it something; one question at a time. */
  ask(question: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a module in a process of its own and waits until it tells that it is ready. */
export async function startChild(module: URL, args: readonly string[] = []): Promise<Child> {
  const child = fork(module, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ready = await answerOf(child);
  return {
    pid: child.pid ?? 0,
    ready,
    ask: (question) => {
      const answer = answerOf(child);
      child.send({ question });
      return answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`a process of the benchmark ended: ${child.spawnargs.join(' ')}`));
    child.once('exit', ended);
    child.once('message', (message: { readonly answer: unknown }) => {
      child.off('exit', ended);
      resolve(message.answer);
    });
  });
}

/** In the child: says that it is ready, and ends when the parent has gone or lets go. */
export function tellParent(answer: unknown): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.({ answer });
}

/** In the child: answers each question, at once or when a promise is kept. */
export function answerParent(answer: (question: unknown) => unknown): void {
  process.on('message', (message: { readonly question: unknown }) => {
    void Promise.resolve(answer(message.question)).then((given) => process.send?.({ answer: given }));
  });
}
