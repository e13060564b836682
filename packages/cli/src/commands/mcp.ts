import type { Client } from "@gradio-rx/node";
import { fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { connect } from "../connect.ts";
import { exitCodes, UsageError } from "../exit.ts";
import { listed } from "../listed.ts";
import { callTool, type Served, type ToolRequest } from "../mcp/call.ts";
import { givenFiles } from "../mcp/files.ts";
import { appPrefixes } from "../mcp/names.ts";
import { version } from "../program.ts";
import type { CommonOptions, Run } from "../run.ts";

/** Options of `mcp`. */
export interface McpOptions extends CommonOptions {
  only?: string;
  files?: string;
  out?: string;
}

/** Serves the endpoints of apps as tools, over stdin and stdout, until stdin ends. */
export async function mcp(run: Run<McpOptions>, apps: readonly string[]): Promise<number> {
  const { io, signal, options } = run;
  const clients: Client[] = [];
  try {
    const localFiles = givenFiles(options.files);
    // Statuses of waking Spaces go to stderr: stdout is the protocol's.
    for (const app of apps)
      clients.push((await connect({ ...run, options: { ...options, json: false } }, app, { localFiles })).client);
    const served = serveTools(apps, clients, options);
    const server = serveStdio(() => makeServer(served), { transport: new StdioServerTransport(io.stdin, io.stdout) });
    try {
      await ended(run);
    } finally {
      await server.close();
    }
    signal.throwIfAborted();
    return exitCodes.done;
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** The tools of all apps. Throws UsageError for a name of `--only` that no app has. */
function serveTools(apps: readonly string[], clients: readonly Client[], { only, out, timeout }: McpOptions): Served[] {
  const wanted = only?.split(",").map((name) => `/${name.trim().replace(/^\//, "")}`);
  const known = new Set(clients.flatMap(({ endpoints }) => endpoints.map(({ name }) => name)));
  const missing = wanted?.find((name) => !known.has(name));
  if (missing !== undefined)
    throw new UsageError(`No app has an endpoint ${missing}. There is: ${listed([...known])}.`);
  const prefixes = appPrefixes(apps);
  return clients.flatMap((client, at) => {
    const own = wanted?.filter((wish) => client.endpoints.some(({ name }) => name === wish));
    const { tools, call } = client.toTools({ format: "mcp", endpoints: own, prefix: prefixes[at] });
    return tools.map((tool) => ({ tool, call, client, out, timeout }));
  });
}

function makeServer(served: readonly Served[]): McpServer {
  const server = new McpServer({ name: "gradio-rx", version: version() }, { capabilities: { tools: {} } });
  for (const { tool, ...rest } of served) {
    const { name, title, description } = tool;
    // The SDK and the app judge the arguments, and say what is wrong in words that a model understands.
    const schema = fromJsonSchema<Record<string, unknown>>(tool.inputSchema, {
      getValidator: () => (value) => ({ valid: true, data: value as never, errorMessage: undefined }),
    });
    server.registerTool(name, { title, description, inputSchema: schema }, async (args, { mcpReq }) => {
      const { signal, _meta: meta } = mcpReq;
      const notify: ToolRequest["notify"] = (notification) => mcpReq.notify(notification);
      return await callTool({ tool, ...rest }, args, { signal, notify, progressToken: meta?.progressToken });
    });
  }
  return server;
}

/** Resolves when stdin has ended, or the program is to end. */
function ended({ io, signal }: Run): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "close", "error"]) io.stdin.once(event, () => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted || io.stdin.destroyed) resolve();
  });
}
