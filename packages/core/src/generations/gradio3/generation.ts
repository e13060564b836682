import { parseConfig } from "../../app/config.ts";
import type { Answer } from "../../http/request.ts";
import type { Generation, Traits } from "../generation.ts";
import { isLayout, serialized } from "./configuration.ts";
import { gradio3Files } from "./files.ts";
import { webSockets } from "./websocket.ts";

/** Apps of Gradio 3, which speak `ws` (PROTOCOL.md, 2.2). Only `choose.ts` imports this folder. */
export function gradio3(answer: Answer, traits: Traits): Generation {
  const config = parseConfig(answer, { isLayout, serialized });
  const { prefix } = config;
  const openProtocol: Generation["openProtocol"] = (http, hash) => webSockets(hash, { http, prefix, traits });
  return { config, traits, files: gradio3Files, openProtocol };
}
