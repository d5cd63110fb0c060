import { parseArgs } from 'node:util';

export type DeskCommand =
  | { readonly transport: 'http'; readonly port: number; readonly dataFolder: string }
  | { readonly transport: 'stdio'; readonly dataFolder: string };

export const usage = 'usage: node examples/invoice-desk/server.ts (--http [--port N] | --stdio) --data DIR';

/** Undefined where the arguments make no sense; port 0 lets the system choose. */
export function readCommandLine(args: readonly string[]): DeskCommand | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        http: { type: 'boolean' },
        stdio: { type: 'boolean' },
        port: { type: 'string', default: '8931' },
        data: { type: 'string' },
      },
    });
    const port = Number(values.port);
    if (values.data === undefined || values.data === '' || values.http === values.stdio) return undefined;
    if (values.stdio === true) return { transport: 'stdio', dataFolder: values.data };
    if (!/^\d{1,5}$/.test(values.port) || port > 65_535) return undefined;
    return { transport: 'http', port, dataFolder: values.data };
  } catch {
    return undefined;
  }
}
