// Shows what an MCP client and a server over stdio send to each other: mcp-client TOOL ARGUMENTS COMMAND…
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [tool = "", args = "{}", command = "", ...rest] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args: rest, env: process.env as Record<string, string> });
const client = new Client({ name: "client", version: "1" });
await client.connect(transport);

// The messages from here on are shown: the first ones agree on a version.
const show = (direction: string, message: object): void =>
  void process.stdout.write(`${direction} ${JSON.stringify({ ...message, jsonrpc: undefined })}\n`);
const [send, receive] = [transport.send.bind(transport), transport.onmessage];
transport.send = async (message) => {
  if ("id" in message) show("→", message);
  await send(message);
};
transport.onmessage = (message) => {
  if ("id" in message) show("←", message);
  receive?.(message);
};

await client.listTools();
await client.callTool({ name: tool, arguments: JSON.parse(args) as Record<string, unknown> });
await client.close();
