import { startMcpServer } from '../../test/fakes/mcp-server.ts';
import { answerParent, tellParent } from '../child-process.ts';
import { noteTool } from './note-tool.ts';

/** The tool server in a process of its own; it also is the clock of effects, in epoch milliseconds. */
const arrivals = new Map<string, number[]>();
const server = await startMcpServer({
  tools: [
    {
      ...noteTool,
      run: (args, { headers }) => {
        const runId = headers['countersign-run-id'] ?? '';
        const times = arrivals.get(runId) ?? [];
        times.push(performance.timeOrigin + performance.now());
        arrivals.set(runId, times);
        return noteTool.run(args);
      },
    },
  ],
  forgetful: true,
});

/** Asked for a run: when its calls came, each once. */
answerParent((runId) => {
  const times = arrivals.get(String(runId)) ?? [];
  arrivals.delete(String(runId));
  return times;
});
tellParent(server.url);
