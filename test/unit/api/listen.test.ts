import { expect, test } from 'vitest';
import { listen } from '../../../src/api/listen.ts';

const app = { fetch: () => new Response('here') };

test('a port that another program has is named, with what to do', async () => {
  const first = await listen(app, { host: '127.0.0.1', port: 0 });
  try {
    const second = listen(app, { host: '127.0.0.1', port: first.port });
    await expect(second).rejects.toMatchObject({
      code: 'unavailable',
      message: `127.0.0.1:${first.port} cannot be used: another program listens there. End it, or choose another port.`,
    });
  } finally {
    await first.close();
  }
});

test('an address that is not of this machine is refused as such', async () => {
  await expect(listen(app, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'unavailable' });
});
