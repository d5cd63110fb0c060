import type { JsonObject } from '../../domain/json.ts';
import type { ModelTool } from '../../ports/model.port.ts';
import type { Role } from './desk-tools.ts';
import { callKey, type Memory, type Outcome } from './memory.ts';

export interface WantedCall {
  readonly role: Role;
  readonly name: string;
  readonly args: JsonObject;
}

/**
 * Work is written as if every question were answered at once. What the transcript answers, `ask` returns;
 * what it does not is noted as wanted, and the work is done anew on the next turn, with more answers.
 */
export interface Clerk {
  /** Undefined: not answered yet, asked for now. A tool that is not offered is a refusal. */
  ask(role: Role, args: JsonObject): Outcome | undefined;
  /** Answers that a tool has given so far. */
  known(role: Role): readonly JsonObject[];
  /** Calls that the answers so far have led to, each once. */
  wanted(): readonly WantedCall[];
}

export function createClerk(memory: Memory, tools: ReadonlyMap<Role, ModelTool>): Clerk {
  const wanted = new Map<string, WantedCall>();
  return {
    ask(role, args) {
      const name = tools.get(role)?.name;
      if (name === undefined) return { kind: 'refused', code: 'tool-unknown', rule: '', message: `no tool to ${role}` };
      const outcome = memory.outcomeOf(name, args);
      if (outcome === undefined) wanted.set(callKey(name, args), { role, name, args });
      return outcome;
    },
    known(role) {
      const name = tools.get(role)?.name;
      return name === undefined ? [] : memory.valuesOf(name);
    },
    wanted: () => [...wanted.values()],
  };
}
