import { FileTooLargeError } from "../errors.ts";
import type { Upload, UploadFile } from "../transport.ts";
import { readText } from "./body.ts";
import { requestHeaders } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { typed } from "./failures.ts";
import { type Answer, type Http, isOk, parse } from "./request.ts";
import { detail, statusError } from "./status.ts";

/**
 * Uploads files in one form, and reads the answer.
 *
 * @param onProgress - called with the bytes of file content sent so far.
 */
export async function upload(
  http: Http,
  path: string,
  files: readonly UploadFile[],
  options: { signal: AbortSignal; onProgress: (sent: number) => void },
): Promise<Answer> {
  const url = http.url(path);
  const { signal, onProgress } = options;
  const { credentials, transport, timeout, limits, onAnswer } = http.settings;
  const deadline = new Deadline([signal], Infinity);
  try {
    // The form brings its own type, which tells where its parts end.
    const { "content-type": _, ...headers } = await requestHeaders(credentials, {}, { signal, timeout });
    const form: Upload = { url, headers, field: "files", files, signal };
    const response = await deadline.race(transport.upload(form, onProgress));
    onAnswer?.("POST", url.pathname, response.status);
    const answer = parse(await readText(response, limits.body, deadline), limits.depth);
    if (response.status === 413)
      throw new FileTooLargeError(`The app takes no file of this size. ${detail(answer.body)}`, { status: 413 });
    if (!isOk(response)) throw statusError(response, answer.body, url);
    return { url: url.href, ...answer };
  } catch (error) {
    signal.throwIfAborted();
    throw typed(error, url);
  } finally {
    deadline.end();
  }
}
