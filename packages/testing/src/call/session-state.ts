import type { Component } from "../endpoint/component.ts";

/** The values of one session's state components. */
export interface SessionState {
  get(component: Component): unknown;
  set(component: Component, value: unknown): void;
}

/** Fresh state: every component starts from a copy of its own value. */
export function createSessionState(): SessionState {
  const values = new Map<Component, unknown>();
  return {
    get(component) {
      if (!values.has(component)) values.set(component, structuredClone(component.props["value"] ?? null));
      return values.get(component);
    },
    set: (component, value) => void values.set(component, value),
  };
}

/** The state of every session of an app, made when first asked for. */
export function createSessionStates(): (sessionHash: string | null) => SessionState {
  const sessions = new Map<string, SessionState>();
  return (sessionHash) => {
    if (sessionHash === null || sessionHash === "") return createSessionState(); // thrown away after the call
    const state = sessions.get(sessionHash) ?? createSessionState();
    sessions.set(sessionHash, state);
    return state;
  };
}
