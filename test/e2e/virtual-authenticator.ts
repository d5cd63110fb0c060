import type { Visitor } from './pages-visitor.ts';

/** Chromium's own authenticator, which a test presses the button of. */
export interface Authenticator {
  /** Whether its user passes the verification. */
  verifies(passes: boolean): Promise<void>;
  /** Before its page is closed: Chromium sometimes waits for ever for one that is still plugged in. */
  unplug(): Promise<void>;
}

export async function giveAuthenticator({ context, page }: Visitor): Promise<Authenticator> {
  const browser = await context.newCDPSession(page);
  await browser.send('WebAuthn.enable');
  const { authenticatorId } = await browser.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: async (isUserVerified) => {
      await browser.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async unplug() {
      await browser.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      await browser.send('WebAuthn.disable');
      await browser.detach();
    },
  };
}
