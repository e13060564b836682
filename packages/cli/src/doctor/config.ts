import type { Client } from "@gradio-rx/node";
import type { Check } from "./check.ts";

/** Whether the app has endpoints, and describes them. */
export function checkEndpoints({ endpoints }: Client): Check {
  const name = "endpoints";
  if (endpoints.length === 0)
    return {
      name,
      state: "warn",
      message: "The app shows no endpoint.",
      hint: "Give its events an api_name, and leave api_visibility public.",
    };
  const unnamed = endpoints.filter(({ parameters }) => parameters.some((parameter) => parameter.name === null));
  if (unnamed.length > 0)
    return {
      name,
      state: "warn",
      message: `${unnamed.length} of ${endpoints.length} endpoints have no names for their parameters.`,
      hint: "Pass their data by position. Gradio sends names since 4.23.",
    };
  const first = endpoints.slice(0, 8).map((endpoint) => endpoint.name);
  const listed = endpoints.length > 8 ? [...first, `${endpoints.length - 8} more`] : first;
  return { name, state: "ok", message: `${endpoints.length}: ${listed.join(", ")}.`, hint: null };
}

/** Whether the app knows its own address: pages and file links are made of it. */
export function checkRoot({ app, config }: Client): Check {
  const name = "root";
  const announced = config["root"];
  if (typeof announced !== "string" || !URL.canParse(announced, app.url))
    return { name, state: "skip", message: "The app announces no address of its own.", hint: null };
  const root = new URL(announced, app.url);
  const own = new URL(app.url);
  const trimmed = (url: URL): string => `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  if (trimmed(root) === trimmed(own)) return { name, state: "ok", message: trimmed(root), hint: null };
  return {
    name,
    state: "warn",
    message: `The app announces ${trimmed(root)} as its address, but was reached at ${trimmed(own)}.`,
    hint: "Set root_path of the app, or let the proxy send X-Forwarded-Host and X-Forwarded-Proto. The SDK uses the address that it was given.",
  };
}
