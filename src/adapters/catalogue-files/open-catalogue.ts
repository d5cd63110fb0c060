import { CountersignError, type FieldError } from '../../domain/countersign-error.ts';
import type { Catalogue, PublishedAgent } from '../../ports/catalogue.port.ts';
import { type LastGood, openLastGoodFolder } from '../../reviewed-files/last-good-folder.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { type CatalogueContent, parseCatalogue } from './parse-catalogue.ts';
import { readCatalogueFiles } from './read-catalogue-files.ts';

/** Earlier sets of files whose agents stay known to the runs that are pinned to them. */
const maxEarlierSets = 20;

export interface CatalogueLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface OpenCatalogueOptions {
  /** Holds `<agent>/agent.yaml` and `servers/<server>.yaml`. */
  readonly folder: string;
  /** A folder in which every set of files that was in force is kept, for a start with a broken one. */
  readonly lastGood: string;
  readonly log: CatalogueLog;
}

export interface FileCatalogue extends Catalogue {
  /** What is wrong with the files as they were last read; what is in force is not affected. */
  readonly errors: readonly FieldError[];
  /** Reads the files again, one call after the other. Puts them in force only if all of them are good; returns `errors`. */
  reload(): Promise<readonly FieldError[]>;
}

/**
 * Opens the catalogue. With broken files the set that was last in force is used and `errors` tells;
 * where there never was one, fails with `manifest-invalid` and every field that is wrong.
 */
export async function openCatalogue({ folder, lastGood, log }: OpenCatalogueOptions): Promise<FileCatalogue> {
  const kept = openLastGoodFolder(lastGood);
  const first = await readCatalogue(folder);
  let errors = first.errors;
  let inForce = first.content ?? (await lastGoodContent(kept, errors));
  if (first.content === undefined) log.warn({ code: 'manifest-invalid', fields: errors }, 'catalogue-kept-last-good');
  else await keep(kept, first.files, log);
  let known = union(inForce.agents, await earlierAgents(kept));
  let queue: Promise<unknown> = Promise.resolve();

  async function readAgain(): Promise<readonly FieldError[]> {
    const read = await readCatalogue(folder);
    errors = read.errors;
    if (read.content === undefined) {
      log.warn({ code: 'manifest-invalid', fields: errors }, 'catalogue-kept-last-good');
      return errors;
    }
    await keep(kept, read.files, log);
    inForce = read.content;
    known = union(inForce.agents, known);
    log.info({ agents: inForce.agents.length, tools: inForce.tools.size }, 'catalogue-reloaded');
    return errors;
  }

  return {
    agents: () => inForce.agents,
    agent: (name, version) =>
      version === undefined
        ? inForce.agents.find(({ manifest }) => manifest.name === name)
        : known.find(({ manifest }) => manifest.name === name && manifest.version === version),
    pinned: (manifestDigest) => known.find((agent) => agent.manifestDigest === manifestDigest),
    servers: () => inForce.servers,
    tool: (name) => inForce.tools.get(name),
    get errors() {
      return errors;
    },
    reload() {
      const reloaded = queue.then(readAgain);
      queue = reloaded.catch(() => undefined);
      return reloaded;
    },
  };
}

interface CatalogueRead {
  readonly files: SourceFiles;
  /** Undefined where anything at all is wrong. */
  readonly content: CatalogueContent | undefined;
  readonly errors: readonly FieldError[];
}

async function readCatalogue(folder: string): Promise<CatalogueRead> {
  try {
    const { files, problems } = await readCatalogueFiles(folder);
    const parsed = parseCatalogue(files);
    const errors = [...problems, ...parsed.problems];
    return { files, errors, content: errors.length === 0 ? parsed.content : undefined };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { files: {}, errors: error.fields, content: undefined };
  }
}

async function lastGoodContent(kept: LastGood, errors: readonly FieldError[]): Promise<CatalogueContent> {
  const files = await kept.newest();
  const parsed = files === undefined ? undefined : parseCatalogue(files);
  if (parsed === undefined || parsed.problems.length > 0)
    throw new CountersignError('manifest-invalid', { fields: errors });
  return parsed.content;
}

/** What is in force does not depend on the copy; only the next start with broken files would. */
async function keep(kept: LastGood, files: SourceFiles, log: CatalogueLog): Promise<void> {
  try {
    await kept.keep(files);
  } catch (error) {
    log.warn({ cause: error instanceof Error ? error.name : 'unknown' }, 'catalogue-copy-not-kept');
  }
}

async function earlierAgents(kept: LastGood): Promise<readonly PublishedAgent[]> {
  const sets = (await kept.history()).slice(0, maxEarlierSets);
  return sets.map(parseCatalogue).flatMap(({ content, problems }) => (problems.length === 0 ? content.agents : []));
}

/** Newest first, each content once. */
function union(newer: readonly PublishedAgent[], older: readonly PublishedAgent[]): readonly PublishedAgent[] {
  const digests = new Set(newer.map(({ manifestDigest }) => manifestDigest));
  return [...newer, ...older.filter(({ manifestDigest }) => !digests.has(manifestDigest))];
}
