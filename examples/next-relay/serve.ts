import { fileURLToPath } from "node:url";
import type { ServedPage } from "../../demo/page.ts";
import { type Command, runCommand, startServer } from "../command.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** Options of the server. */
export interface ServeOptions {
  /** Token that the server sends to the app. Default: none. */
  token?: string;
  /** Whether to serve the production build that {@link build} has written. Default: the development server. */
  production?: boolean;
}

/**
 * Serves the site with Next.
 *
 * @param app - URL of the app that the server calls.
 */
export function serve(app: string, { token, production = false }: ServeOptions = {}): Promise<ServedPage> {
  const args = [production ? "start" : "dev", folder, "--hostname", "127.0.0.1", "--port", "0"];
  const secret: Record<string, string> = token === undefined ? {} : { GRADIO_TOKEN: token };
  return startServer(next(args, { GRADIO_APP: app, ...secret }), /Local:\s+(http:\S+)[^]*Ready in/);
}

/** Makes the production build. It does not depend on the app, whose address the server reads when it starts. */
export function build(variables: Readonly<Record<string, string>> = {}): Promise<void> {
  return runCommand(next(["build", folder], variables));
}

function next(args: readonly string[], variables: Readonly<Record<string, string>>): Command {
  return {
    program: fileURLToPath(new URL("node_modules/next/dist/bin/next", import.meta.url)),
    args,
    cwd: folder,
    env: { NEXT_TELEMETRY_DISABLED: "1", ...variables },
  };
}
