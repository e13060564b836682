import { parseArgs } from "node:util";

/** Options of the demo. */
export type Command =
  | { kind: "help" }
  | { kind: "scenes"; app: "gradio" | "embedded" | "any"; place: "terminal" | "web" }
  | { kind: "list"; address: string }
  | { kind: "call"; address: string; endpoint: string | number; data: readonly unknown[] | object };

export const HELP = `gradio-rx, a TypeScript client for Gradio apps: the demo

  npm run demo                       eight scenes, on a real Gradio app
  npm run demo -- --web              the same in a page
  npm run demo -- --embedded         the same without Python, on the app server of @gradio-rx/testing
  npm run demo -- --gradio           the same, but fails if real Gradio does not start

  npm run demo -- <app>                        lists the endpoints of an app
  npm run demo -- <app> <endpoint> '<json>'    calls an endpoint

An app is a URL or a Hugging Face Space id, an endpoint is a name or an index. The JSON is an array
(arguments by position), an object (by name), or a single value.

  npm run demo -- http://127.0.0.1:7860 /greet '{"name": "Ada"}'
  npm run demo -- abidlabs/en2fr /predict '"Good morning"'`;

/**
 * Parses the command line.
 *
 * @throws Error for invalid options and arguments.
 */
export function readArguments(args: readonly string[]): Command {
  const options = {
    help: { type: "boolean", short: "h" },
    embedded: { type: "boolean" },
    gradio: { type: "boolean" },
    web: { type: "boolean" },
  } as const;
  const { values, positionals, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const { help, embedded, gradio, web } = values;
  const unknown = tokens.find((token) => token.kind === "option" && !(token.name in options));
  if (unknown?.kind === "option")
    throw new Error(`Unknown option ${unknown.rawName}. Use --help for the list of options.`);
  const [address, endpoint, json, ...surplus] = positionals;
  if (help) return { kind: "help" };
  if (embedded && gradio) throw new Error("Choose one of --embedded and --gradio.");
  if (address === undefined)
    return {
      kind: "scenes",
      app: embedded ? "embedded" : gradio ? "gradio" : "any",
      place: web ? "web" : "terminal",
    };
  if (embedded || gradio || web)
    throw new Error("--embedded, --gradio and --web apply to the scenes only; leave them out to call your own app.");
  if (surplus.length > 0) throw new Error("Too many arguments. Put the JSON into quotes.");
  if (endpoint === undefined) return { kind: "list", address };
  return {
    kind: "call",
    address,
    endpoint: /^\d+$/.test(endpoint) ? Number(endpoint) : endpoint,
    data: readData(json),
  };
}

function readData(json: string | undefined): readonly unknown[] | object {
  if (json === undefined) return [];
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    throw new Error(`Invalid JSON: ${json}. Put text into double quotes: '"${json.replaceAll('"', "")}"'.`);
  }
  return typeof data === "object" && data !== null ? data : [data];
}
