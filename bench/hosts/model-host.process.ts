import { startOpenAiHost } from '../../test/fakes/openai-host.ts';
import { answerParent, tellParent } from '../child-process.ts';
import { benchModel } from './bench-model.ts';

/** The model host in a process of its own, so that its work is nobody's; it also is the clock of the benchmark. */
const arrivals = new Map<string, number[]>();
const host = await startOpenAiHost(
  (request) => {
    const runId = request.headers['countersign-run-id'] ?? '';
    const times = arrivals.get(runId) ?? [];
    times.push(performance.now());
    arrivals.set(runId, times);
    return benchModel(request);
  },
  { forgetful: true },
);

/** Asked for a run: when its requests came, in milliseconds, each once. */
answerParent((runId) => {
  const times = arrivals.get(String(runId)) ?? [];
  arrivals.delete(String(runId));
  return times;
});
tellParent(host.baseUrl);
