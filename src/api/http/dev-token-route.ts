import { devTokenRequestSchema, devTokenSchema } from '../../contracts/http/dev-token.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Directory } from '../../ports/directory.port.ts';
import type { TokenMint } from '../../ports/token-service.port.ts';
import { sameText } from '../identity/same-text.ts';
import { parseInput } from '../input.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody, requireJson } from './read-json-body.ts';

/** Embedded mode only: whoever can read the owner's secret may act as any development identity. */
export interface DevTokenDependencies {
  readonly ownerSecret: string;
  readonly directory: Directory;
  readonly mint: TokenMint;
}

export function devTokenRoute({ ownerSecret, directory, mint }: DevTokenDependencies): ApiRoute {
  return {
    method: 'post',
    path: '/v1/dev/tokens',
    operationId: 'mintDevToken',
    summary: 'A bearer token of a development identity, for who holds the owner secret of the data folder.',
    headers: { 'Countersign-Owner-Secret': 'The text of the file `owner-secret` in the data folder.' },
    body: devTokenRequestSchema,
    answers: { 201: { description: 'The token.', schema: devTokenSchema } },
    problems: ['not-found'],
    access: 'open',
    async handle(context) {
      const presented = context.req.header('countersign-owner-secret') ?? '';
      if (!sameText(presented, ownerSecret)) throw new CountersignError('unauthenticated');
      const { as } = parseInput(devTokenRequestSchema, requireJson(await readJsonBody(context.req.raw)));
      const identity = await directory.find(as);
      if (identity === undefined) {
        throw new CountersignError('invalid-request', {
          fields: [{ path: 'as', rule: 'must be a development identity' }],
        });
      }
      return context.json(await mint.mint(identity.subject), 201);
    },
  };
}
