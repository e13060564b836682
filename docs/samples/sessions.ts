import { Client } from "@gradio-rx/node";

export async function share(client: Client): Promise<unknown[]> {
  // #region share
  const first = await client.predict("/chat", ["hello"]); // "1: hello"
  const second = await client.predict("/chat", ["again"]); // "2: again"
  // #endregion share
  return [first, second];
}

export async function fork(client: Client): Promise<unknown[]> {
  // #region fork
  const ada = client.fork();
  const grace = client.fork();
  const toAda = await ada.predict("/chat", ["hello"]); // "1: hello"
  const toGrace = await grace.predict("/chat", ["hello"]); // "1: hello"
  await ada.close(); // ends the session of this visitor only
  // #endregion fork
  await grace.close();
  return [toAda, toGrace];
}

export async function reset(client: Client): Promise<unknown> {
  // #region reset
  await client.predict("/chat", ["hello"]);
  await client.resetSession();
  const answer = await client.predict("/chat", ["hello"]); // "1: hello"
  // #endregion reset
  return answer;
}

// #region map
const visitors = new Map<string, Client>();

/** Returns the client of a visitor. */
export function clientOf(client: Client, visitor: string): Client {
  const own = visitors.get(visitor) ?? client.fork();
  visitors.set(visitor, own);
  return own;
}

/** Closes the client of a visitor who has left. */
export async function leave(visitor: string): Promise<void> {
  await visitors.get(visitor)?.close();
  visitors.delete(visitor);
}
// #endregion map
