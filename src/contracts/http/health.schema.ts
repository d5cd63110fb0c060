import { z } from 'zod';

export const livenessSchema = z.strictObject({ status: z.literal('alive') });

export const readinessSchema = z.strictObject({ status: z.literal('ready') });
