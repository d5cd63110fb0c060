import type { AgentsDeps, DecisionDeps } from '../../activities/activity-deps.ts';
import {
  createAgentsActivities,
  createEffectsActivities,
  createInferenceActivities,
} from '../../activities/create-activities.ts';
import { createAjvChecker } from '../adapters/argument-checker-ajv/create-ajv-checker.ts';
import { createWebauthnVerifier } from '../adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import type { SignInConfiguration } from '../config/configuration.ts';
import type { RunActivities } from '../contracts/run-activities.ts';
import { CountersignError } from '../domain/countersign-error.ts';
import type { Catalogue } from '../ports/catalogue.port.ts';
import type { Clock } from '../ports/clock.port.ts';
import type { Directory } from '../ports/directory.port.ts';
import type { ModelPort } from '../ports/model.port.ts';
import type { PolicyPort } from '../ports/policy.port.ts';
import type { ToolPort } from '../ports/tool.port.ts';
import { configuredReauthentication } from './configured-identity.ts';
import type { Records } from './records.ts';

export interface WorkerParts {
  readonly records: Records;
  readonly catalogue: Catalogue;
  readonly policy: PolicyPort;
  readonly directory: Directory;
  readonly tools: ToolPort;
  readonly clock: Clock;
  /** By alias, as agents name them. */
  readonly models: Readonly<Record<string, ModelPort>>;
  readonly settings: AgentsDeps['settings'];
  /** Undefined: development identities, who sign in again nowhere. */
  readonly signIn?: SignInConfiguration | undefined;
}

/** The activities of each worker, over one set of parts; a deployment of separate processes gives each role its own. */
export interface ActivitiesByRole {
  readonly agents: Partial<RunActivities>;
  readonly inference: Partial<RunActivities>;
  readonly effects: Partial<RunActivities>;
}

export function composeActivities(parts: WorkerParts): ActivitiesByRole {
  const { records, catalogue, policy, directory, tools, clock } = parts;
  const { runs, mandates, ledger, approvals, delegations, steering, passkeys, outbox, journal } = records.storage;
  const deciding: DecisionDeps = {
    runs,
    mandates,
    ledger,
    approvals,
    delegations,
    steering,
    passkeys,
    passkeyVerifier: createWebauthnVerifier(),
    reauthentication: configuredReauthentication(parts.signIn, clock),
    outbox,
    blobs: records.blobs,
    keys: records.keys,
    catalogue,
    policy,
    directory,
    argumentChecker: createAjvChecker(),
    tools,
    clock,
  };
  const model = modelByAlias(parts.models);
  return {
    agents: createAgentsActivities({
      ...deciding,
      settings: parts.settings,
      describeModel: (alias) => model(alias).description,
    }),
    inference: createInferenceActivities({ ...deciding, journal, model }),
    effects: createEffectsActivities(deciding),
  };
}

function modelByAlias(models: Readonly<Record<string, ModelPort>>): (alias: string) => ModelPort {
  return (alias) => {
    const model = Object.hasOwn(models, alias) ? models[alias] : undefined;
    if (model === undefined)
      throw new CountersignError('model-request-invalid', {
        message: `No model is configured for the alias ${alias}.`,
      });
    return model;
  };
}
