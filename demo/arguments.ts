import { parseArgs } from "node:util";

/** Options of the demo. */
export type Wish =
  | { kind: "help" }
  | { kind: "scenes"; app: "gradio" | "embedded" | "any" }
  | { kind: "list"; address: string }
  | { kind: "call"; address: string; endpoint: string | number; data: readonly unknown[] | object };

export const HELP = `gradio-rx, a TypeScript client for Gradio apps: the demo

  npm run demo                       seven scenes, on a real Gradio app
  npm run demo -- --embedded         the same on the app server of @gradio-rx/testing: no Python
  npm run demo -- --gradio           on real Gradio or not at all

  npm run demo -- <app>                        what an app has to offer
  npm run demo -- <app> <endpoint> '<json>'    call it

An app is an address or a Hugging Face Space, an endpoint is a name or an index. The JSON is an array
(arguments by position), an object (by name), or a single value.

  npm run demo -- http://127.0.0.1:7860 /greet '{"name": "Ada"}'
  npm run demo -- abidlabs/en2fr /predict '"Good morning"'`;

/**
 * Parses the command line.
 *
 * @throws with a sentence for a person.
 */
export function readArguments(args: readonly string[]): Wish {
  const options = {
    help: { type: "boolean", short: "h" },
    embedded: { type: "boolean" },
    gradio: { type: "boolean" },
  } as const;
  const { values, positionals, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const { help, embedded, gradio } = values;
  const unknown = tokens.find((token) => token.kind === "option" && !(token.name in options));
  if (unknown?.kind === "option") throw new Error(`There is no option ${unknown.rawName}. What there is: --help.`);
  const [address, endpoint, json, ...surplus] = positionals;
  if (help) return { kind: "help" };
  if (embedded && gradio) throw new Error("Choose one of --embedded and --gradio.");
  if (address === undefined) return { kind: "scenes", app: embedded ? "embedded" : gradio ? "gradio" : "any" };
  if (embedded || gradio)
    throw new Error("--embedded and --gradio are for the scenes; an app of your own needs neither.");
  if (surplus.length > 0) throw new Error("Put the JSON into quotes, so that it is one argument.");
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
    throw new Error(`This is no JSON: ${json}. Text needs its double quotes: '"${json.replaceAll('"', "")}"'.`);
  }
  return typeof data === "object" && data !== null ? data : [data];
}
