import { chatbot, createApp, endpoint, file, json, textbox } from "@gradio-rx/testing";
import type { Setup } from "./setup.ts";

/** Endpoints in the order of their indexes. */
export const endpoints: readonly string[] = ["echo", "steps", "grow", "chat", "table", "large", "take", "give"];

/** Configuration and description of the app as Gradio would send them. The functions are not run. */
export async function describeApp(
  address: string,
  { heartbeat, endpoint: called }: Pick<Setup, "heartbeat" | "endpoint">,
): Promise<{ config: string; info: string }> {
  const words = [textbox("text")];
  function* many(): Generator {
    yield null;
  }
  const app = createApp(
    {
      echo: endpoint({ inputs: words, outputs: [textbox("said")], fn: (text: string) => text }),
      steps: endpoint({ inputs: words, outputs: [textbox("step")], fn: many }),
      grow: endpoint({ inputs: words, outputs: [textbox("text")], fn: many }),
      chat: endpoint({ inputs: words, outputs: [chatbot("chat")], fn: many }),
      table: endpoint({ inputs: words, outputs: [json("table")], fn: many }),
      large: endpoint({ inputs: words, outputs: [json("value")], fn: () => null }),
      // Clients may load more for an app with files: the others have none.
      ...(["take", "give"].includes(called) && {
        take: endpoint({ inputs: [file("file")], outputs: [textbox("said")], fn: () => null }),
        give: endpoint({ inputs: words, outputs: [file("file")], fn: () => null }),
      }),
    },
    { rootPath: address, connectHeartbeat: heartbeat },
  );
  const read = async (path: string): Promise<string> => await (await app.fetch(new Request(app.url + path))).text();
  return { config: await read("/config"), info: await read("/gradio_api/info") };
}
