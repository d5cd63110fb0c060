import process from 'node:process';
import { startTemporalServer } from '../../src/adapters/temporal-server/start-temporal-server.ts';

/** Starts a server on a data folder and dies the hard way, as a crashed `up` does. */
const [file = '', dataFolder = ''] = process.argv.slice(2);
await startTemporalServer({ file, dataFolder, ports: { grpc: 0, ui: 0 }, progress: () => undefined });
process.kill(process.pid, 'SIGKILL');
