import type { Configuration } from '../../config/configuration.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const name = 'Model';
const answersWithinMs = 5_000;

/** Whether the model’s host answers and takes the key. No model call is made: those cost money. */
export async function checkModel({ model }: Configuration): Promise<Finding> {
  if (model === undefined) return ok(name, 'the rehearsal model: fixed rules, no language model, nothing to reach');
  const { baseUrl, apiKey } = model;
  const answer = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey.reveal()}` },
    signal: AbortSignal.timeout(answersWithinMs),
    redirect: 'error',
  }).catch(() => undefined);
  await answer?.body?.cancel();
  if (answer === undefined)
    return fail(name, `${baseUrl} does not answer`, 'Check COUNTERSIGN_MODEL_BASE_URL, and that the host runs.');
  if (answer.status === 401 || answer.status === 403) {
    return fail(name, `${baseUrl} does not take the key (${answer.status})`, 'Check COUNTERSIGN_MODEL_API_KEY.');
  }
  if (answer.status >= 500)
    return warn(name, `${baseUrl} answers with ${answer.status}`, 'Ask again in a moment, or look at the host.');
  return ok(name, `${model.model} at ${baseUrl}`);
}
