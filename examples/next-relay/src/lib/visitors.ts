import "server-only";
import { Client } from "@gradio-rx/node";
import { cookies } from "next/headers";
import { app, token } from "./app";

type Api = {
  "/note": { input: { text: string }; output: string[] };
  "/chat": { input: { message: string; history: [] }; output: string };
};

/** Milliseconds without a call after which the session of a visitor is closed. */
const IDLE = 30 * 60_000;

interface Visitor {
  client: Client<Api>;
  leave: NodeJS.Timeout;
}

interface Visitors {
  connecting: Promise<Client<Api>> | undefined;
  byId: Map<string, Visitor>;
}

// Next loads a module once for each kind of entry: actions and route handlers share this object, and not the module.
const shared = globalThis as { visitors?: Visitors };
const visitors = (shared.visitors ??= { connecting: undefined, byId: new Map() });

/** Returns the client of the visitor who sent the request. Each visitor has a session of its own on one connection. */
export async function clientOfVisitor(): Promise<Client<Api>> {
  const id = (await cookies()).get("visitor")?.value;
  if (id === undefined) throw new Error("The request has no cookie `visitor`: src/proxy.ts sets it.");
  const client = await connect();
  const known = visitors.byId.get(id);
  if (known !== undefined) {
    known.leave.refresh();
    return known.client;
  }
  const visitor = { client: client.fork(), leave: setTimeout(() => close(id), IDLE).unref() };
  visitors.byId.set(id, visitor);
  return visitor.client;
}

/** Connects once. After a failure, the next call connects again. */
function connect(): Promise<Client<Api>> {
  visitors.connecting ??= Client.connect<Api>(app, token === undefined ? {} : { token }).catch((error: unknown) => {
    visitors.connecting = undefined;
    throw error;
  });
  return visitors.connecting;
}

function close(id: string): void {
  void visitors.byId.get(id)?.client.close();
  visitors.byId.delete(id);
}
