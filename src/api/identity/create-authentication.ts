import { CountersignError } from '../../domain/countersign-error.ts';
import type { Directory } from '../../ports/directory.port.ts';
import type { TokenVerifier } from '../../ports/token-service.port.ts';
import type { Authentication, SessionService } from '../services.ts';

const bearerForm = /^Bearer ([A-Za-z0-9._~+/-]{1,8192}=*)$/i;

/** Who sends a request. Roles and groups of people come from the directory at this moment, never from their token. */
export function createAuthentication(dependencies: {
  readonly tokens: TokenVerifier;
  readonly directory: Directory;
  readonly sessions: SessionService;
}): Authentication {
  const { tokens, directory, sessions } = dependencies;
  return {
    async authenticate(request) {
      const header = request.headers.get('authorization');
      if (header === null) return (await sessions.find(request))?.principal;
      const token = bearerForm.exec(header)?.[1];
      const verified = token === undefined ? undefined : await tokens.verify(token);
      const identity = verified?.service ?? (verified && (await directory.find(verified.subject)));
      if (identity === undefined) throw new CountersignError('unauthenticated');
      return { identity, authentication: 'token' };
    },
  };
}
