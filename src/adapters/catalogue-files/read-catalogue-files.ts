import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError, type FieldError } from '../../domain/countersign-error.ts';
import { isJsonObject } from '../../domain/json.ts';
import { parseYaml } from '../../reviewed-files/parse-yaml.ts';
import { isPlainName, maxReviewedFileBytes, readReviewedFile } from '../../reviewed-files/read-reviewed-file.ts';
import { fileProblem, type ReadFiles } from '../../reviewed-files/source-files.ts';

const maxAgents = 512;
const maxServerFiles = 1_024;
const maxAnnouncedBytes = 4 * maxReviewedFileBytes;
const serversFolder = 'servers';

/** Reads `<folder>/<agent>/agent.yaml` with its prompt, and `<folder>/servers/*`. Nothing is parsed further than to find the prompt. */
export async function readCatalogueFiles(folder: string): Promise<ReadFiles> {
  const files: Record<string, string> = {};
  const problems: FieldError[] = [];
  const read = async (steps: readonly string[], maxBytes: number): Promise<string | undefined> => {
    const name = steps.join('/');
    const answer = await readReviewedFile(folder, steps, maxBytes);
    if ('rule' in answer) problems.push(fileProblem(name, '', answer.rule));
    else files[name] = answer.text;
    return 'text' in answer ? answer.text : undefined;
  };
  for (const agent of await agentFolders(folder, problems)) {
    const manifest = await read([agent, 'agent.yaml'], maxReviewedFileBytes);
    const prompt = manifest === undefined ? undefined : promptNamedIn(manifest);
    if (prompt !== undefined) await read([agent, prompt], maxReviewedFileBytes);
  }
  for (const file of await serverFiles(folder, problems)) {
    await read([serversFolder, file], file.endsWith('.json') ? maxAnnouncedBytes : maxReviewedFileBytes);
  }
  return { files, problems };
}

async function agentFolders(folder: string, problems: FieldError[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new CountersignError('manifest-invalid', {
      cause,
      fields: [fileProblem('.', '', 'the agents folder must exist and be readable')],
    });
  });
  const names: string[] = [];
  for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
    if (entry.name.startsWith('.') || entry.name === serversFolder || entry.isFile()) continue;
    if (entry.isDirectory() && isPlainName(entry.name)) names.push(entry.name);
    else problems.push(fileProblem(entry.name, '', 'must be a folder with a plain name, not a symbolic link'));
  }
  if (names.length > maxAgents) problems.push(fileProblem('.', '', `must hold at most ${maxAgents} agents`));
  return names.slice(0, maxAgents);
}

async function serverFiles(folder: string, problems: FieldError[]): Promise<string[]> {
  const entries = await readdir(join(folder, serversFolder)).catch(() => []);
  const names = entries.filter((name) => /\.(ya?ml|announced\.json)$/.test(name) && !name.startsWith('.')).toSorted();
  if (names.length > maxServerFiles)
    problems.push(fileProblem(serversFolder, '', `must hold at most ${maxServerFiles} files`));
  return names.slice(0, maxServerFiles);
}

function promptNamedIn(manifest: string): string | undefined {
  const parsed = parseYaml(manifest);
  const prompt = 'value' in parsed && isJsonObject(parsed.value) ? parsed.value['prompt'] : undefined;
  return typeof prompt === 'string' ? prompt : undefined;
}
