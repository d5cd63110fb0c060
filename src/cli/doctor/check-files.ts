import { checkPolicies } from '../../adapters/policy-cedar/check-policies.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { readCatalogue } from '../policy/read-catalogue.ts';
import { accepts } from './check-temporal.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const shownFaults = 10;

/** Agents, tool servers and policies as they are on disk. */
export async function checkFiles(agents: string, policies: string): Promise<readonly Finding[]> {
  try {
    const catalogue = await readCatalogue(agents);
    const names = catalogue.agents().map(({ manifest }) => `${manifest.name} version ${manifest.version}`);
    const published = ok('Agents', names.length === 0 ? `none in ${agents}` : `${names.join(', ')} (${agents})`);
    return [published, await checkToolServers(catalogue), await policyFinding(policies, catalogue)];
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    const faults = error.fields.map(({ path, rule }) => `${path} ${rule}`);
    return [
      fail(
        'Agents',
        `${faults.length} faults in ${agents}`,
        'Mend what is listed; an earlier good version stays in force meanwhile.',
        shown(faults),
      ),
    ];
  }
}

async function checkToolServers(catalogue: Catalogue): Promise<Finding> {
  const name = 'Tool servers';
  const remote = catalogue
    .servers()
    .flatMap(({ name: server, transport }) => ('url' in transport ? [{ server, url: new URL(transport.url) }] : []));
  const answers = await Promise.all(
    remote.map(({ url }) =>
      accepts(url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || (url.protocol === 'https:' ? 443 : 80))),
    ),
  );
  const silent = remote.filter((_, at) => answers[at] === false).map(({ server, url }) => `${server} (${url.origin})`);
  if (silent.length === 0) return ok(name, `${catalogue.servers().length}, all reachable or started when needed`);
  return warn(
    name,
    `no answer from ${silent.join(', ')}`,
    'Start them before a run needs them; the demo starts the invoice desk itself.',
  );
}

async function policyFinding(folder: string, catalogue: Catalogue): Promise<Finding> {
  const { ok: isClean, findings, policies, cases } = await checkPolicies(folder, catalogue);
  if (isClean) return ok('Policies', `${policies}, ${cases.passed} of ${cases.total} cases as expected (${folder})`);
  const faults = findings.map(
    ({ file, line, message }) => `${line === undefined ? file : `${file}:${line}`} ${message}`,
  );
  return fail('Policies', `${findings.length} findings in ${folder}`, 'countersign policy check', shown(faults));
}

function shown(faults: readonly string[]): readonly string[] {
  return faults.length <= shownFaults
    ? faults
    : [...faults.slice(0, shownFaults), `and ${faults.length - shownFaults} more`];
}
