import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";
import type { ReadyApp } from "./upstream.ts";

/** Checks the path of a request, before any request is sent to the app. Throws a refusal for a path that is not allowed. */
export function checkPath({ kind, endpoint }: Route, allowed: readonly string[] | undefined): void {
  if (kind === "component" && allowed)
    throw new Refusal(403, "The proxy does not allow server functions of components.");
  // The path of a direct call may name any function. Its body decides.
  if (endpoint !== null && kind !== "call") check(endpoint, allowed);
}

/**
 * Returns the API name of the endpoint that a request calls; `null` for a request that calls none.
 *
 * @param body - the parsed body, which is forwarded to the app.
 * @throws the refusal of a call without an endpoint where only listed endpoints are allowed, and of a call of another endpoint.
 */
export function endpointOf(
  { kind, endpoint, isNamed }: Route,
  body: unknown,
  { endpoints }: Pick<ReadyApp, "endpoints">,
  allowed: readonly string[] | undefined,
): string | null {
  if (kind !== "call") return endpoint;
  const index: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "fn_index") : undefined;
  // The app uses the index if there is one. In a call by name it uses the name alone.
  const hasIndex = index !== undefined && index !== null && !isNamed;
  // The app would convert a text or a boolean to a number.
  if (hasIndex && typeof index !== "number") throw new Refusal(403, "The index of a function must be a number.");
  const name = hasIndex ? (endpoints.find((info) => info.index === index)?.name ?? null) : endpoint;
  if (allowed) check(name, allowed);
  return name;
}

function check(name: string | null, allowed: readonly string[] | undefined): void {
  const isOpen = !allowed || (name !== null && allowed.some((one) => slashed(one) === slashed(name)));
  if (!isOpen) throw new Refusal(403, "The proxy does not allow calls of this endpoint.");
}

function slashed(name: string): string {
  return `/${name.replace(/^\//, "")}`;
}
