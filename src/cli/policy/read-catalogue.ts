import { parseCatalogue } from '../../adapters/catalogue-files/parse-catalogue.ts';
import { readCatalogueFiles } from '../../adapters/catalogue-files/read-catalogue-files.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';

/**
 * The catalogue of a folder as it is on disk, without putting anything in force.
 *
 * @throws CountersignError `manifest-invalid` with everything that is wrong
 */
export async function readCatalogue(folder: string): Promise<Catalogue> {
  const { files, problems } = await readCatalogueFiles(folder);
  const parsed = parseCatalogue(files);
  const errors = [...problems, ...parsed.problems];
  if (errors.length > 0) throw new CountersignError('manifest-invalid', { fields: errors });
  const { agents, servers, tools } = parsed.content;
  return {
    agents: () => agents,
    agent: (name, version) =>
      agents.find(({ manifest }) => manifest.name === name && (version === undefined || manifest.version === version)),
    pinned: (digest) => agents.find(({ manifestDigest }) => manifestDigest === digest),
    servers: () => servers,
    tool: (name) => tools.get(name),
  };
}
