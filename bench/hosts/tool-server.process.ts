import { startMcpServer } from '../../test/fakes/mcp-server.ts';
import { tellParent } from '../child-process.ts';
import { noteTool } from './note-tool.ts';

/** The tool server in a process of its own. */
const server = await startMcpServer({ tools: [noteTool], forgetful: true });
tellParent(server.url);
