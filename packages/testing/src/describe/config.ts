import type { Component } from "../endpoint/component.ts";
import type { Settings } from "../options.ts";
import type { AppModel, Dependency } from "./model.ts";
import { isState } from "./model.ts";

/** Gradio version that this server imitates. */
export const VERSION = "6.31.0";

/** Prefix of all routes but the page and its configuration. */
export const API_PREFIX = "/gradio_api";

/**
 * Returns the body of `GET /config`.
 *
 * @param appId - decimal digits; too large for a JavaScript number. See {@link writeJson}.
 */
export function config(model: AppModel, settings: Settings, appId: string, root: string): Record<string, unknown> {
  const buttons = model.dependencies.map((dependency) => button(dependency));
  const components = [...[...model.components].map(([component, id]) => describe(component, id)), ...buttons];
  const dependencies = model.dependencies.map((dependency) => describeDependency(dependency, model));
  const layout = { id: 0, children: components.map(({ id }) => ({ id })) };
  const ids = { components: components.map(({ id }) => id), dependencies: dependencies.map(({ id }) => id) };
  return {
    version: VERSION,
    api_prefix: API_PREFIX,
    mode: "blocks",
    app_id: appId,
    dev_mode: false,
    vibe_mode: false,
    analytics_enabled: false,
    components,
    css: null,
    connect_heartbeat: settings.connectHeartbeat ?? needsHeartbeat(model),
    js: null,
    head: null,
    title: settings.title,
    space_id: null,
    enable_queue: true,
    show_error: settings.showError,
    footer_links: ["api", "gradio", "settings", "runs"],
    run_history: true,
    is_colab: false,
    max_file_size: settings.maxFileSize,
    stylesheets: [],
    theme: "default",
    protocol: "sse_v3",
    body_css: {},
    fill_height: false,
    fill_width: false,
    theme_hash: "",
    pwa: false,
    pages: [["", "Home", true]],
    page: { "": { layout, ...ids } },
    mcp_server: false,
    layout,
    dependencies,
    i18n_translations: null,
    root,
  };
}

/** Returns JSON with the app's id as a number with all its digits, which `JSON.stringify` cannot write. */
export function writeJson(value: unknown, appId: string): string {
  return JSON.stringify(value).replace(`"app_id":"${appId}"`, `"app_id":${appId}`);
}

function needsHeartbeat(model: AppModel): boolean {
  const streams = model.dependencies.some(({ options }) => options.connection === "stream");
  const media = [...model.components.keys()].some(({ props }) => props["streaming"] === true);
  return streams || media || [...model.components.keys()].some((component) => isState(component));
}

function describe(component: Component, id: number): Record<string, unknown> & { id: number } {
  const { type, props, skipApi, schema, example } = component;
  const common = { id, type, props, skip_api: skipApi, component_class_id: type, key: null };
  if (isState(component)) return { ...common, props: { ...props, value: undefined } };
  if (skipApi) return common;
  const info = { api_info: schema, api_info_as_input: schema, api_info_as_output: schema };
  return { ...common, ...info, example_inputs: example };
}

function button({ buttonId, name }: Dependency): Record<string, unknown> & { id: number } {
  const props = { value: name, variant: "secondary", visible: true, interactive: true, name: "button" };
  return { id: buttonId, type: "button", props, skip_api: true, component_class_id: "button", key: null };
}

function describeDependency(dependency: Dependency, model: AppModel): Record<string, unknown> & { id: number } {
  const { id, name, options, fn, buttonId, generator, batch, maxBatchSize, cancels } = dependency;
  const idOf = (component: Component): number => model.components.get(component) ?? -1;
  const streams = options.connection === "stream";
  return {
    id,
    targets: [[buttonId, streams ? "stream" : "click"]],
    inputs: dependency.inputs.map(idOf),
    outputs: dependency.outputs.map(idOf),
    backend_fn: fn !== undefined,
    js: null,
    queue: options.queue ?? true,
    api_name: name,
    api_description: null,
    scroll_to_output: false,
    show_progress: "full",
    show_progress_on: null,
    batch,
    max_batch_size: maxBatchSize,
    cancels,
    types: { generator, cancel: cancels.length > 0 },
    collects_event_data: false,
    trigger_after: null,
    trigger_only_on_success: false,
    trigger_only_on_failure: false,
    trigger_mode: "once",
    api_visibility: options.apiVisibility ?? "public",
    rendered_in: null,
    render_id: null,
    connection: options.connection ?? "sse",
    time_limit: options.timeLimit ?? null,
    stream_every: 0.5,
    event_specific_args: null,
    component_prop_inputs: [],
    js_implementation: null,
  };
}
