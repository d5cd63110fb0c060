import { basename, dirname, resolve } from 'node:path';
import { parseNudgesFile } from '../../adapters/nudge-channels-file/parse-nudges-file.ts';
import type { Configuration } from '../../config/configuration.ts';
import { referredSecret } from '../../config/secret.ts';
import type { NudgeStandingView } from '../../contracts/http/nudge.schema.ts';
import { readReviewedFile } from '../../reviewed-files/read-reviewed-file.ts';
import { connect } from '../server/connect.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const name = 'Nudges';
const freshMs = 24 * 60 * 60 * 1_000;

/** Who is told of questions, and how that goes on the server that runs. */
export async function checkNudges(configuration: Configuration, data: string): Promise<Finding> {
  const { nudgesFile, secrets } = configuration;
  if (nudgesFile === undefined) return ok(name, 'nobody is told of questions; COUNTERSIGN_NUDGES names no file');
  const path = resolve(nudgesFile);
  const read = await readReviewedFile(dirname(path), [basename(path)]);
  if ('rule' in read) return fail(name, `${nudgesFile} ${read.rule}`, 'Check COUNTERSIGN_NUDGES.');
  const { routing, problems } = parseNudgesFile(basename(path), read.text, (reference) =>
    referredSecret(reference, secrets),
  );
  if (routing === undefined) {
    return fail(
      name,
      `${problems.length} faults in ${nudgesFile}`,
      'Mend what is listed; an earlier good version stays in force meanwhile.',
      problems.map((problem) => `${problem.path} ${problem.rule}`),
    );
  }
  const { size } = routing.channels;
  const channels = `${size} ${size === 1 ? 'channel' : 'channels'} (${nudgesFile})`;
  return standingFinding(channels, await standingOf(configuration, data));
}

/** Undefined where no server runs, or none that tells us. */
async function standingOf(configuration: Configuration, data: string): Promise<NudgeStandingView | undefined> {
  try {
    const { client } = await connect({ data }, configuration, 'admin');
    return await client.nudges.standing();
  } catch {
    return undefined;
  }
}

/** The counts in one line; what failed within the last day, or still does, is worth a look. */
export function standingFinding(
  channels: string,
  standing: NudgeStandingView | undefined,
  now: number = Date.now(),
): Finding {
  if (standing === undefined) return ok(name, `${channels}; no server tells how they do`);
  const { due, retrying, sent, failed, unaddressed, lastFailure } = standing;
  const last = lastFailure && `; last failure: ${lastFailure.channel}, ${lastFailure.code}, ${lastFailure.at}`;
  const text = `${channels}: sent ${sent}, due ${due}, retrying ${retrying}, failed ${failed}, without channel ${unaddressed}${last ?? ''}`;
  const hasFailedOfLate = lastFailure !== undefined && now - Date.parse(lastFailure.at) < freshMs;
  if (retrying > 0 || hasFailedOfLate)
    return warn(name, text, 'Check that channel; countersign.log has the codes of all attempts.');
  if (unaddressed > 0)
    return warn(name, text, 'Name a channel for every role and owner that has to answer, and start again.');
  return ok(name, text);
}
