import type { EndpointInfo } from "../app/endpoints.ts";
import { InputError } from "../errors.ts";
import { isFields } from "../fields.ts";
import { argumentNames } from "./schema.ts";

/**
 * Returns the data of a tool call: by position where the parameters have no names. Models send `null` for arguments that they
 * leave out.
 *
 * @param url - URL of the app, with a slash at its end.
 * @throws InputError for arguments that are not an object.
 */
export function dataOf(endpoint: EndpointInfo, args: unknown, url: string): unknown {
  const given = typeof args === "string" ? parsed(args) : args;
  if (!isFields(given)) throw new InputError("The arguments of a tool must be an object, or the JSON of one.");
  const { parameters } = endpoint;
  const names = argumentNames(endpoint);
  const kept = Object.entries(given).flatMap(([name, value]) => {
    const parameter = parameters[names.indexOf(name)];
    if (value === null && parameter?.hasDefault && parameter.default !== null) return [];
    return [[name, parameter?.file ? withOwnFiles(value, url) : value]];
  });
  const data: Record<string, unknown> = Object.fromEntries(kept);
  return parameters.some(({ name }) => name === null) ? names.map((name) => data[name]) : data;
}

/** Returns the value of a file parameter. The URL of one of the app's own files becomes that file, so that the app does not download it. */
function withOwnFiles(value: unknown, app: string): unknown {
  if (Array.isArray(value)) return value.map((part) => withOwnFiles(part, app));
  if (typeof value !== "string" || !value.startsWith(app)) return value;
  const [, encoded] = /^(?:gradio_api\/)?file=((?:[^?#%]|%[\da-f]{2})+)$/i.exec(value.slice(app.length)) ?? [];
  if (encoded === undefined) return value;
  const about = { origName: null, size: null, mimeType: null, isStream: false };
  return { path: decodeURIComponent(encoded), url: value, ...about };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json || "{}");
  } catch {
    return undefined;
  }
}
