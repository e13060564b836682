import type { HeaderFields, TransportResponse } from "../transport.ts";
import { requestHeaders } from "./credentials.ts";
import type { Http } from "./request.ts";

/** Opens a file. One that lies on another origin than the app gets no credentials and no headers, however it is reached. */
export async function openAt(
  http: Http,
  url: URL,
  { signal, headers: more }: { signal: AbortSignal; headers: HeaderFields },
): Promise<TransportResponse> {
  const { base, credentials, timeout } = http.settings;
  const accept = "*/*";
  const isHome = url.origin === base.origin;
  const headers = isHome ? await requestHeaders(credentials, { accept, ...more }, { signal, timeout }) : { accept };
  return await http.openBody(url, { headers, signal }, { elsewhere: "bare" });
}
