import process from 'node:process';
import { openStorage, recordOf, ref, reservationOf } from '../unit/storage/storage-fixture.ts';

/**
 * Reserves and settles effects until it is killed. A line on standard output is an acknowledgement:
 * it is written only after the transition resolved.
 */
const [folder = '', run = '', first = '0'] = process.argv.slice(2);
const storage = await openStorage(folder);
const limits = { tool: 1_000_000, total: 1_000_000 };

process.stdout.write('ready\n');
for (let number = Number(first); ; number += 1) {
  const callId = `t${number}.0`;
  await storage.ledger.reserve(reservationOf(run, callId, { limits, nonces: [`${run}-${number}`] }), [
    recordOf(run, 'effect-reserved', callId),
  ]);
  process.stdout.write(`reserved ${callId}\n`);
  await storage.ledger.land(`default/${run}/${callId}`, ref('1'), '2026-03-01T10:00:00.000Z', [
    recordOf(run, 'effect-landed', callId),
  ]);
  process.stdout.write(`landed ${callId}\n`);
}
