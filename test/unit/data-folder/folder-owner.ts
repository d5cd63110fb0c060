import { spawn } from 'node:child_process';
import process from 'node:process';
import { openDataFolder } from '../../../src/adapters/data-folder/open-data-folder.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';

/** Opens a folder, says how that went in one line, and keeps it until it is killed or its input ends. */
const [path = '', url = '', childSeconds = '0'] = process.argv.slice(2);
try {
  const folder = await openDataFolder(path);
  await folder.announce(url);
  if (childSeconds !== '0') spawn('sleep', [childSeconds], { stdio: 'ignore', detached: true }).unref();
  process.stdout.write('owner\n');
  process.stdin.resume();
  process.stdin.once('end', () => void folder.release());
} catch (error) {
  process.stdout.write(`${error instanceof CountersignError ? error.code : String(error)}\n`);
}
