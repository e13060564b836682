import { type Client, type Untyped } from "@gradio-rx/web";
import type { GradioState } from "@gradio-rx/web/controller";
import { createContext, type ReactNode } from "react";
import { createUseGradio, createUseJob, createUsePrediction, type UseJob, type UsePrediction } from "./hooks.ts";
import { type Connection, createProvider, type GradioProviderProps } from "./provider.ts";

export type { GradioProviderProps, UseJob, UsePrediction };
export type {
  GradioState,
  JobHookState,
  PredictionState,
  RunState,
  Starter,
  StartOptions,
  UseJobOptions,
  UsePredictionOptions,
} from "@gradio-rx/web/controller";

/** A provider and its hooks, with a context of their own. */
export interface Gradio<Api extends object> {
  /** Connects to an app for the components inside of it. It connects after mounting, never on a server, and closes at unmounting. */
  GradioProvider: (props: GradioProviderProps<Api>) => ReactNode;
  /** Shows the connection of the nearest provider. Throws InputError outside of one. */
  useGradio: () => GradioState<Client<Api>>;
  useJob: UseJob<Api>;
  usePrediction: UsePrediction<Api>;
}

/**
 * Makes a provider and hooks that know the endpoints of an app, with a context of their own.
 *
 * @example
 * ```ts
 * type Api = { "/greet": { input: { name: string }; output: string } };
 * export const { GradioProvider, useGradio, useJob, usePrediction } = createGradio<Api>();
 * ```
 */
export function createGradio<Api extends object = Untyped>(): Gradio<Api> {
  const context = createContext<Connection<Api> | null>(null);
  return {
    GradioProvider: createProvider(context),
    useGradio: createUseGradio(context),
    useJob: createUseJob(context),
    usePrediction: createUsePrediction(context),
  };
}

const gradio: Gradio<Untyped> = /* @__PURE__ */ createGradio();

/** Connects to an app for the components inside of it. It connects after mounting, never on a server, and closes at unmounting. */
export const GradioProvider: Gradio<Untyped>["GradioProvider"] = gradio.GradioProvider;

/** Shows the connection of the nearest provider. Throws InputError outside of one. */
export const useGradio: Gradio<Untyped>["useGradio"] = gradio.useGradio;

/** Makes calls when `run` is called, and shows the state of the newest. */
export const useJob: UseJob<Untyped> = gradio.useJob;

/** Makes a call when the component is mounted, and when the endpoint or the data changes, and shows its state. */
export const usePrediction: UsePrediction<Untyped> = gradio.usePrediction;
