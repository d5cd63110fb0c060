import type { Context } from 'hono';
import type { z } from 'zod';
import type { ErrorCode } from '../../domain/error-registry.ts';
import type { Principal } from '../principal.ts';

export interface RouteAnswer {
  readonly description: string;
  /** Undefined: no body. */
  readonly schema?: z.ZodType;
  /** `application/json` where it is not said. */
  readonly mediaType?: string;
}

interface Described {
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/runs/{runId}`. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Beside those that every route may answer with. */
  readonly problems: readonly ErrorCode[];
}

/** One row of the API: what is served, and what `/openapi.json` says of it, so that the two cannot drift apart. */
export type ApiRoute =
  | (Described & { readonly access: 'open'; handle(context: Context): Promise<Response> | Response })
  | (Described & {
      readonly access: 'principal';
      handle(context: Context, principal: Principal): Promise<Response> | Response;
    });
