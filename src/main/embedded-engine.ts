import type { PayloadCodec } from '@temporalio/common';
import { createCodecHandler } from '../adapters/codec-aes-gcm/create-codec-handler.ts';
import { openTemporal } from '../adapters/temporal-server/open-temporal.ts';
import type { TemporalServer } from '../adapters/temporal-server/temporal-server.ts';
import { listen } from '../api/listen.ts';
import type { Configuration } from '../config/configuration.ts';
import { temporalSettings } from './configured-parts.ts';
import type { Stoppers } from './stoppers.ts';

export interface EmbeddedEngine {
  readonly temporal: TemporalServer;
  /** Lets the Temporal UI show decrypted payloads; until then the codec server answers 503. */
  serveCodec(codec: PayloadCodec): void;
}

export interface EmbeddedEngineOptions {
  readonly dataFolder: string;
  readonly host: string;
  /** Of the API; the codec server takes the next one. */
  readonly port: number;
  readonly configuration: Configuration;
  readonly progress: (sentence: string) => void;
}

/** The codec server listens before Temporal starts, since the UI is told its address; it answers to that UI alone. */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions, stoppers: Stoppers): Promise<EmbeddedEngine> {
  const { host, port, configuration, dataFolder, progress } = options;
  let answer = async (_: Request): Promise<Response> => new Response(null, { status: 503 });
  const codecServer = await listen({ fetch: (request) => answer(request) }, { host, port: port === 0 ? 0 : port + 1 });
  stoppers.add(() => codecServer.close());
  const temporal = await openTemporal({
    settings: temporalSettings(configuration),
    namespace: configuration.temporal.namespace,
    dataFolder,
    ports: { grpc: 0, ui: 0 },
    codecEndpoint: codecServer.url,
    progress,
  });
  stoppers.add(() => temporal.stop());
  return {
    temporal,
    serveCodec: (codec) => {
      if (temporal.uiUrl === undefined) return;
      answer = createCodecHandler({ codec, allowedOrigin: new URL(temporal.uiUrl).origin });
    },
  };
}
