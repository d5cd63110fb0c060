import { expect, test } from 'vitest';
import { checkSignIn } from '../../src/cli/doctor/check-sign-in.ts';
import { clientId, knownAcr, startProvider } from './oidc-provider.ts';
import { signInFrom } from './oidc-site.ts';

test('the doctor says whether the provider answers, and whether it offers what a step-up asks of it', async () => {
  const provider = await startProvider('http://localhost:1/login/callback');
  const found = async (stepUp: string) => {
    const signIn = signInFrom({
      COUNTERSIGN_PUBLIC_URL: 'http://localhost:1',
      COUNTERSIGN_OIDC_ISSUER: provider.issuer,
      COUNTERSIGN_OIDC_CLIENT_ID: clientId,
      COUNTERSIGN_OIDC_STEP_UP: stepUp,
    });
    return checkSignIn({ signIn });
  };
  try {
    expect(await found('none')).toMatchObject({ state: 'ok', text: expect.stringContaining('by passkey only') });
    expect(await found('login')).toMatchObject({ state: 'ok', text: expect.stringContaining('signing in again') });
    expect(await found(`acr:${knownAcr}`)).toMatchObject({ state: 'ok' });
    expect(await found('acr:phr')).toMatchObject({ state: 'warn', text: expect.stringContaining('that acr') });
    provider.answers = false;
    expect(await found('login')).toMatchObject({ state: 'fail' });
  } finally {
    await provider.close();
  }
  expect(await checkSignIn({ signIn: undefined })).toMatchObject({ state: 'ok' });
});
