import type { AppOptions, CallContext, Endpoint, ServedApp, ServeOptions } from "@gradio-rx/testing";
import * as gr from "@gradio-rx/testing";
import { onTestFinished } from "vitest";
import { startEmbedded } from "../contract/embedded.ts";

/** Starts the embedded app of the contract suite for one test. */
export async function embedded(options: ServeOptions = {}): Promise<ServedApp> {
  return await ending(startEmbedded({}, options));
}

/** Starts an app with a few endpoints for one test. */
export async function serve(
  endpoints: Parameters<typeof gr.serveApp>[0],
  options: AppOptions & ServeOptions = {},
): Promise<ServedApp> {
  return await ending(gr.serveApp(endpoints, options));
}

async function ending(starting: Promise<ServedApp>): Promise<ServedApp> {
  const app = await starting;
  onTestFinished(() => app.close());
  return app;
}

const red = "\u001b[31mred\u001b[0m";

/** Texts that would move the cursor of a terminal, or change its colours or title. */
export const hostile: { text: string; cleaned: string } = {
  text: `${red}\u0007\u001b]0;title\u0007\u009b2J\ttab\nline\r`,
  cleaned: "red\ttab\nline",
};

/** An endpoint whose texts are all hostile. */
export function hostileEndpoint(): Endpoint {
  return gr.endpoint({
    inputs: [gr.textbox("\u0007label")],
    outputs: [gr.textbox("\u0007label"), gr.textbox("other")],
    description: "\u001b[2Jdescribed",
    fn: (_: string, context: CallContext) => {
      context.info(hostile.text);
      return [hostile.text, "plain"];
    },
  });
}
