import { z } from 'zod';

/** A name of an agent's tool, argument or role: lower snake or kebab case, also as MCP servers write them. */
export const nameSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);

export const agentNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

export const tenantSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);

export const runIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** `server.tool`, as manifests, policy and pages write it. The model sees `server__tool`. */
export const qualifiedToolSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}\.[A-Za-z][A-Za-z0-9_-]{0,63}$/);

export const sha256Schema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** `30s`, `8h`, `2d`: one number and one unit of `ms s m h d`. */
export const durationSchema = z.string().regex(/^[1-9][0-9]{0,6}(ms|s|m|h|d)$/);
