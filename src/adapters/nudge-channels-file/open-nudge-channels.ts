import { unwatchFile, watchFile } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CountersignError, type FieldError } from '../../domain/countersign-error.ts';
import type { NudgeChannels, NudgeRouting } from '../../ports/nudge-channels.port.ts';
import { type LastGood, openLastGoodFolder } from '../../reviewed-files/last-good-folder.ts';
import { readReviewedFile } from '../../reviewed-files/read-reviewed-file.ts';
import { fileProblem } from '../../reviewed-files/source-files.ts';
import { parseNudgesFile, type ReadSecret } from './parse-nudges-file.ts';

/** How often the file is looked at; half-saved content is refused, and read again when it changes once more. */
const lookEveryMs = 2_000;

export interface NudgesFileLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface OpenNudgeChannelsOptions {
  readonly path: string;
  /** A folder in which every text that was in force is kept, for a start with a broken one. */
  readonly lastGood: string;
  readonly readSecret: ReadSecret;
  readonly log: NudgesFileLog;
}

export interface FileNudgeChannels extends NudgeChannels {
  /** What is wrong with the file as it was last read; what is in force is not affected. */
  readonly errors: readonly FieldError[];
  /** Reads file and secrets again, one call after the other; puts them in force only if all is good. */
  reload(): Promise<readonly FieldError[]>;
  /** Reloads when the file changes, until the returned function is called. */
  watch(): () => void;
}

/**
 * Opens the file of channels. With a broken one the text that was last in force is used and `errors` tells;
 * where there never was one, fails with `invalid-configuration` and every field that is wrong.
 */
export async function openNudgeChannels(options: OpenNudgeChannelsOptions): Promise<FileNudgeChannels> {
  const { log } = options;
  const path = resolve(options.path);
  const kept = openLastGoodFolder(options.lastGood);
  const first = await readFile(path, options.readSecret);
  let errors = first.problems;
  let inForce = first.routing ?? (await lastGoodRouting(kept, path, options.readSecret, errors));
  let queue: Promise<unknown> = Promise.resolve();
  await note(first);

  async function note({ routing, problems, text: good }: NudgesRead): Promise<void> {
    if (routing === undefined) {
      log.warn({ code: 'invalid-configuration', fields: problems }, 'nudges-kept-last-good');
      return;
    }
    // What is in force does not depend on the copy; only the next start with a broken file would.
    await kept
      .keep({ [basename(path)]: good })
      .catch((error: unknown) =>
        log.warn({ cause: error instanceof Error ? error.name : 'unknown' }, 'nudges-copy-not-kept'),
      );
  }

  async function readAgain(): Promise<readonly FieldError[]> {
    const read = await readFile(path, options.readSecret);
    errors = read.problems;
    await note(read);
    if (read.routing === undefined) return errors;
    inForce = read.routing;
    log.info({ channels: inForce.channels.size }, 'nudges-reloaded');
    return errors;
  }

  function reload(): Promise<readonly FieldError[]> {
    const reloaded = queue.then(readAgain);
    queue = reloaded.catch(() => undefined);
    return reloaded;
  }

  return {
    inForce: () => inForce,
    get errors() {
      return errors;
    },
    reload,
    watch() {
      const onChange = () => void reload();
      watchFile(path, { interval: lookEveryMs, persistent: false }, onChange);
      return () => unwatchFile(path, onChange);
    },
  };
}

interface NudgesRead {
  readonly text: string;
  readonly routing: NudgeRouting | undefined;
  readonly problems: readonly FieldError[];
}

async function readFile(path: string, readSecret: ReadSecret): Promise<NudgesRead> {
  const name = basename(path);
  const read = await readReviewedFile(dirname(path), [name]);
  if ('rule' in read) return { text: '', routing: undefined, problems: [fileProblem(name, '', read.rule)] };
  return { text: read.text, ...parseNudgesFile(name, read.text, readSecret) };
}

async function lastGoodRouting(
  kept: LastGood,
  path: string,
  readSecret: ReadSecret,
  problems: readonly FieldError[],
): Promise<NudgeRouting> {
  const text = (await kept.newest())?.[basename(path)];
  const routing = text === undefined ? undefined : parseNudgesFile(basename(path), text, readSecret).routing;
  if (routing === undefined) throw new CountersignError('invalid-configuration', { fields: problems });
  return routing;
}
