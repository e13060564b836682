import type { Answer, Http, PlainRequest } from "../http/request.ts";

const MARK = "window.gradio_config";

/** Reads the configuration that an app's page carries; `null` where it carries none, or there is no page. */
export async function readPage(http: Http, how: Pick<PlainRequest, "signal" | "repeat">): Promise<Answer | null> {
  const page = await http.send({ path: "", ...how }).catch(() => null);
  const body = typeof page?.body === "string" ? configInPage(page.body) : undefined;
  return page && body !== undefined ? { ...page, body } : null;
}

/**
 * The configuration that an app's page carries (PROTOCOL.md, 1.2): apps of early Gradio 3 have it nowhere else.
 *
 * @returns what stands there, not yet looked at; `undefined` where there is none.
 */
export function configInPage(html: string): unknown {
  const mark = html.indexOf(MARK);
  const start = mark < 0 ? -1 : html.indexOf("{", mark);
  if (start < 0 || !/^\s*=\s*$/.test(html.slice(mark + MARK.length, start))) return undefined;
  const end = endOfObject(html, start);
  if (end < 0) return undefined;
  try {
    return JSON.parse(html.slice(start, end)) as unknown;
  } catch {
    return undefined;
  }
}

/** Where the object ends that starts here: its braces are counted, as texts in it may hold whatever ends a script. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return -1;
}
