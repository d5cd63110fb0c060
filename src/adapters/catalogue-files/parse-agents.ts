import { agentSchema } from '../../contracts/agent.schema.ts';
import { type Digest, digestOf, digestOfText } from '../../digest/digest.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { CatalogueTool, PublishedAgent } from '../../ports/catalogue.port.ts';
import { parseReviewedFile } from '../../reviewed-files/parse-reviewed-file.ts';
import { fileProblem, type SourceFiles } from '../../reviewed-files/source-files.ts';

/** Every agent, with its prompt and the digests that runs are pinned to. */
export function parseAgents(
  files: SourceFiles,
  tools: ReadonlyMap<string, CatalogueTool>,
  problems: FieldError[],
): PublishedAgent[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const folder = /^([^/]+)\/agent\.yaml$/.exec(file)?.[1];
    if (folder === undefined) return [];
    const manifest = parseReviewedFile(file, text, agentSchema, problems);
    if (manifest === undefined) return [];
    const report = (path: string, rule: string) => problems.push(fileProblem(file, path, rule));
    if (manifest.name !== folder) report('name', 'must be the name of the folder');
    if (new Set(manifest.tools).size !== manifest.tools.length) report('tools', 'must not name a tool twice');
    const used = manifest.tools.flatMap((name, index) => {
      const tool = tools.get(name);
      if (tool === undefined) report(`tools/${index}`, 'must be a tool in a server file');
      return tool === undefined ? [] : [tool];
    });
    // A prompt that could not be read was reported when it was read.
    const prompt = files[`${folder}/${manifest.prompt}`];
    if (prompt === undefined) return [];
    if (prompt.trim() === '') report('prompt', 'must name a file that is not empty');
    const promptDigest = digestOfText('prompt', prompt);
    return [{ manifest, prompt, promptDigest, manifestDigest: manifestDigestOf(manifest, promptDigest, used) }];
  });
}

function manifestDigestOf(
  manifest: PublishedAgent['manifest'],
  promptDigest: Digest,
  used: readonly CatalogueTool[],
): Digest {
  const tools = Object.fromEntries(used.map((tool) => [tool.name, plainJson(tool.manifest)]));
  return digestOf('manifest', { agent: plainJson(manifest), promptDigest, tools });
}

/** Drops members that are undefined, which JSON has no word for. */
function plainJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
