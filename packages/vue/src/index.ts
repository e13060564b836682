import type { Untyped } from "@gradio-rx/web";
import type { InjectionKey } from "vue";
import {
  createUseGradio,
  createUseJob,
  createUsePrediction,
  type UseGradioReturn,
  type UseJob,
  type UsePrediction,
} from "./composables.ts";
import { type Connection, createPlugin, createProvide, type GradioOptions, type GradioPlugin } from "./provide.ts";

export type { GradioOptions, GradioPlugin, UseGradioReturn, UseJob, UsePrediction };
export type { ReactiveFields, Refs, UseJobReturn, UsePredictionReturn } from "./composables.ts";
export type {
  GradioState,
  RunState,
  Starter,
  StartOptions,
  UseJobOptions,
  UsePredictionOptions,
} from "@gradio-rx/web/controller";

/** A plugin, a provider and their composables, with an injection key of their own. */
export interface Gradio<Api extends object> {
  /** Plugin: `app.use(gradioPlugin, { app, options })` or `{ client }`. It never connects on a server; `app.unmount()` closes. */
  gradioPlugin: GradioPlugin<Api>;
  /** Provides a connection to the components below, in `setup`. It connects after mounting, never on a server. */
  provideGradio: (options: GradioOptions<Api>) => void;
  /** Shows the connection. Throws InputError where none is provided. */
  useGradio: () => UseGradioReturn<Api>;
  useJob: UseJob<Api>;
  usePrediction: UsePrediction<Api>;
}

/**
 * Makes a plugin and composables that know the endpoints of an app, with an injection key of their own.
 *
 * @example
 * ```ts
 * type Api = { "/greet": { input: { name: string }; output: string } };
 * export const { gradioPlugin, useGradio, useJob, usePrediction } = createGradio<Api>();
 * ```
 */
export function createGradio<Api extends object = Untyped>(): Gradio<Api> {
  const key: InjectionKey<Connection<Api>> = Symbol("gradio-rx");
  return {
    gradioPlugin: createPlugin(key),
    provideGradio: createProvide(key),
    useGradio: createUseGradio(key),
    useJob: createUseJob(key),
    usePrediction: createUsePrediction(key),
  };
}

const gradio: Gradio<Untyped> = /* @__PURE__ */ createGradio();

/** Plugin: `app.use(gradioPlugin, { app, options })` or `{ client }`. It never connects on a server; `app.unmount()` closes. */
export const gradioPlugin: GradioPlugin<Untyped> = gradio.gradioPlugin;

/** Provides a connection to the components below, in `setup`. It connects after mounting, never on a server. */
export const provideGradio: Gradio<Untyped>["provideGradio"] = gradio.provideGradio;

/** Shows the connection. Throws InputError where none is provided. */
export const useGradio: Gradio<Untyped>["useGradio"] = gradio.useGradio;

/** Makes calls when `run` is called, and shows the state of the newest. */
export const useJob: UseJob<Untyped> = gradio.useJob;

/** Makes a call when the component is mounted, and when the endpoint or the data changes, and shows its state. */
export const usePrediction: UsePrediction<Untyped> = gradio.usePrediction;
