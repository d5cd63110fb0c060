import { join } from 'node:path';
import { openDevTokens } from '../../src/adapters/directory-dev/dev-tokens.ts';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { startEmbedded } from '../../src/main/embedded.ts';
import { systemClock } from '../../src/ports/clock.port.ts';
import { processUsage, readWorkerEnvironment } from '../bench-subject.ts';
import { answerParent, tellParent } from '../child-process.ts';
import { writeBenchInstallation } from './bench-installation.ts';

/** What the process tells when it is ready. */
export interface GovernedReady {
  readonly url: string;
  /** Bearer tokens of development identities. */
  readonly tokens: Readonly<Record<'initiator' | 'approver', string>>;
}

/** Embedded mode as `countersign up` starts it, on the Temporal server, model host and tool server of the benchmark. */
const { dataFolder, temporal, modelBaseUrl, toolServerUrl } = readWorkerEnvironment(process.argv);
const configuration = readConfiguration();
const embedded = await startEmbedded({
  ...(await writeBenchInstallation(join(dataFolder, 'installation'), toolServerUrl)),
  data: dataFolder,
  port: 0,
  configuration: {
    ...configuration,
    temporal,
    durability: 'process',
    model: {
      baseUrl: modelBaseUrl,
      model: 'bench',
      apiKey: undefined,
      timeoutMs: 30_000,
      prices: { inputUsdPerMillionTokens: 0, outputUsdPerMillionTokens: 0 },
    },
  },
  progress: () => undefined,
});
const tokens = await openDevTokens(dataFolder, systemClock);
answerParent(processUsage);
tellParent({
  url: embedded.url,
  tokens: {
    initiator: (await tokens.mint('initiator')).token,
    approver: (await tokens.mint('approver')).token,
  },
} satisfies GovernedReady);
