import type { Transport, TransportRequest, TransportResponse } from "../transport.ts";
import { isRedirect, type RedirectRules } from "./redirect-rules.ts";

/**
 * Sends a request, and follows redirects within the app's origin. What follows is loaded with the first answer that sends on:
 * few do.
 *
 * @throws ProtocolError for a redirect that leaves the origin, and for one that never ends.
 */
export async function sendWithin(
  transport: Transport,
  request: TransportRequest,
  rules: RedirectRules,
): Promise<TransportResponse> {
  const response = await transport.send(request);
  if (!isRedirect(response) || rules.elsewhere === "done") return response;
  const { follow } = await import("./redirects.ts");
  return await follow(transport, { request, response }, rules);
}
