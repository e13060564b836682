import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";
import type { ReadyApp } from "./upstream.ts";

/** Checks what a path alone says: no request reaches the app, not even one of the proxy's own, for a path that is not open. */
export function checkPath({ kind, endpoint }: Route, allowed: readonly string[] | undefined): void {
  if (kind === "component" && allowed) throw new Refusal(403, "Server functions of components are not open.");
  // The path of a direct call may name any function: its body decides.
  if (endpoint !== null && kind !== "call") check(endpoint, allowed);
}

/**
 * The API name of the endpoint that a request calls; `null` for a request that calls none.
 *
 * @param body - the parsed body, which is what goes on to the app.
 * @throws the refusal of a call that names no endpoint where a list decides, or one that is not on the list.
 */
export function endpointOf(
  { kind, endpoint }: Route,
  body: unknown,
  { endpoints }: Pick<ReadyApp, "endpoints">,
  allowed: readonly string[] | undefined,
): string | null {
  if (kind !== "call") return endpoint;
  const index: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "fn_index") : undefined;
  // The app uses the index if there is one, and converts texts to numbers.
  const hasIndex = index !== undefined && index !== null;
  const name = hasIndex ? (endpoints.find((info) => info.index === index)?.name ?? null) : endpoint;
  if (allowed) check(name, allowed);
  return name;
}

function check(name: string | null, allowed: readonly string[] | undefined): void {
  const isOpen = !allowed || (name !== null && allowed.some((one) => slashed(one) === slashed(name)));
  if (!isOpen) throw new Refusal(403, "This endpoint is not open.");
}

function slashed(name: string): string {
  return `/${name.replace(/^\//, "")}`;
}
