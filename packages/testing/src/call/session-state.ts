import type { Component } from "../endpoint/component.ts";

/** Values of the state components in one session. */
export interface SessionState {
  get(component: Component): unknown;
  set(component: Component, value: unknown): void;
}

/** Creates the state of a new session, in which every component has a copy of its initial value. */
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

/** Returns a function that finds the state of a session, and creates it on first use. */
export function createSessionStates(): (sessionHash: string | null) => SessionState {
  const sessions = new Map<string, SessionState>();
  return (sessionHash) => {
    if (sessionHash === null || sessionHash === "") return createSessionState(); // used for this call only
    const state = sessions.get(sessionHash) ?? createSessionState();
    sessions.set(sessionHash, state);
    return state;
  };
}
