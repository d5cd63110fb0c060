import { announcedToolsSchema } from '../../contracts/announced-tools.schema.ts';
import { type ToolServerManifest, toolServerSchema } from '../../contracts/tool-server.schema.ts';
import { toolPin } from '../../digest/tool-pin.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { CatalogueTool } from '../../ports/catalogue.port.ts';
import type { AnnouncedTool } from '../../ports/tool.port.ts';
import { parseReviewedFile } from '../../reviewed-files/parse-reviewed-file.ts';
import { fileProblem, type SourceFiles } from '../../reviewed-files/source-files.ts';

export interface ServerFile {
  readonly file: string;
  readonly manifest: ToolServerManifest;
  /** Tools whose announcement was found and matches its pin. */
  readonly tools: readonly CatalogueTool[];
}

/** Every tool server, each tool joined with what was announced when it was reviewed. */
export function parseServers(files: SourceFiles, problems: FieldError[]): ServerFile[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const name = /^servers\/(.+)\.ya?ml$/.exec(file)?.[1];
    if (name === undefined) return [];
    const manifest = parseReviewedFile(file, text, toolServerSchema, problems);
    if (manifest === undefined) return [];
    if (manifest.name !== name) problems.push(fileProblem(file, 'name', 'must be the name of the file'));
    return [{ file, manifest, tools: joinAnnounced(file, manifest, readAnnounced(files, name, problems), problems) }];
  });
}

function readAnnounced(files: SourceFiles, server: string, problems: FieldError[]): readonly AnnouncedTool[] {
  const file = `servers/${server}.announced.json`;
  const text = files[file];
  if (text === undefined) {
    problems.push(fileProblem(file, '', 'must exist: it holds what the server announced when it was reviewed'));
    return [];
  }
  const announced = parseReviewedFile(file, text, announcedToolsSchema, problems);
  if (announced === undefined) return [];
  if (announced.server !== server) problems.push(fileProblem(file, 'server', 'must be the name of the server'));
  const names = announced.tools.map((tool) => tool.name);
  if (new Set(names).size !== names.length) problems.push(fileProblem(file, 'tools', 'must not announce a tool twice'));
  return announced.tools.map(({ outputSchema, ...tool }) =>
    outputSchema === undefined ? tool : { ...tool, outputSchema },
  );
}

function joinAnnounced(
  file: string,
  manifest: ToolServerManifest,
  announced: readonly AnnouncedTool[],
  problems: FieldError[],
): CatalogueTool[] {
  return Object.entries(manifest.tools).flatMap(([name, tool]) => {
    const found = announced.find((candidate) => candidate.name === name);
    if (found === undefined) {
      problems.push(fileProblem(file, `tools/${name}`, 'must be among the announced tools that were reviewed'));
      return [];
    }
    if (toolPin(manifest.transport, found) !== tool.schema) {
      problems.push(
        fileProblem(file, `tools/${name}/schema`, 'must be the pin of the reviewed announcement and of this transport'),
      );
      return [];
    }
    return [{ name: `${manifest.name}.${name}`, server: manifest.name, manifest: tool, announced: found }];
  });
}
