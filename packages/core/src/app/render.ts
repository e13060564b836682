import { type Fields, isFields, list } from "../fields.ts";
import { type AppConfig, parseConfig } from "./config.ts";

/**
 * The configuration after a function has rendered (PROTOCOL.md, 5.3): what it rendered takes the place of what it had
 * rendered before. It holds for the session that the call was made in, and nowhere else.
 *
 * @param rendered - `render_config` of the call's message; what is none changes nothing.
 */
export function withRendered(config: AppConfig, rendered: unknown): AppConfig {
  if (!isFields(rendered)) return config;
  const id = rendered["render_id"];
  const replaced = (name: "components" | "dependencies"): Fields[] => {
    const made = list(rendered[name]);
    const ids = new Set(made.map((one) => one["id"]));
    const kept = list(config.raw[name]).filter((one) => one["rendered_in"] !== id && !ids.has(one["id"]));
    return [...kept, ...made];
  };
  const body = { ...config.raw, components: replaced("components"), dependencies: replaced("dependencies") };
  return parseConfig({ url: "", body, isJson: true });
}
