import { type About, type Check, route } from "./check.ts";

/** Maximum time until the first bytes of a stream, in milliseconds: the app sends them at once. */
const PROMPT = 5_000;

async function ask(about: About, url: URL, headers: Record<string, string>, limit: number): Promise<Response> {
  const signal = AbortSignal.any([about.run.signal, AbortSignal.timeout(limit)]);
  return await fetch(url, { headers, signal, redirect: "manual" });
}

/** Whether the first bytes of an event stream come at once: a proxy that buffers keeps them. */
export async function checkStream(about: About): Promise<Check> {
  const name = "stream";
  const url = route(about, `heartbeat/${crypto.randomUUID().replaceAll("-", "")}`);
  try {
    const answer = await ask(about, url, {}, PROMPT);
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel();
      return { name, state: "skip", message: `The app has no heartbeat (status ${answer.status}).`, hint: null };
    }
    const reader = answer.body.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (!done) return { name, state: "ok", message: "The first bytes of a stream come at once.", hint: null };
    return { name, state: "warn", message: "The app's heartbeat ended without a byte.", hint: PROXY };
  } catch (error) {
    about.run.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const isLate = error.name === "TimeoutError";
    const message = isLate
      ? `No byte of a stream came within ${PROMPT / 1_000} s.`
      : `The stream broke: ${error.message}.`;
    return { name, state: "fail", message, hint: PROXY };
  }
}

const PROXY =
  "A proxy in between buffers or cuts streams: turn its buffering off for the app (nginx: proxy_buffering off), and lengthen its time limits.";

/** Whether pages of another origin may call the app. */
export async function checkCors(about: About): Promise<Check> {
  const name = "cors";
  const { origin } = about;
  if (origin === undefined)
    return {
      name,
      state: "skip",
      message: "No origin was given.",
      hint: "--origin https://www.example.com checks one.",
    };
  const wanted = new URL(origin).origin;
  try {
    const answer = await ask(about, route(about, "info"), { origin: wanted }, 10_000);
    await answer.body?.cancel();
    const allowed = answer.headers.get("access-control-allow-origin");
    if (allowed === "*" || allowed === wanted)
      return { name, state: "ok", message: `Pages of ${wanted} may call the app.`, hint: null };
    return {
      name,
      state: "fail",
      message: `Pages of ${wanted} may not call the app: it allows ${allowed ?? "no origin"}.`,
      hint: "An app on localhost allows pages on localhost only; elsewhere let the proxy pass the Origin header on, or add the header Access-Control-Allow-Origin.",
    };
  } catch (error) {
    about.run.signal.throwIfAborted();
    return { name, state: "fail", message: `The app did not answer: ${(error as Error).message}.`, hint: null };
  }
}

/** Whether the app sets cookies that pages of another origin would not send back. */
export async function checkCookies(about: About): Promise<Check> {
  const name = "cookies";
  try {
    const answer = await ask(about, new URL("config", about.url), {}, 10_000);
    await answer.body?.cancel();
    const cookies = answer.headers.getSetCookie();
    if (cookies.length === 0) return { name, state: "ok", message: "The app needs no cookies.", hint: null };
    const kept = cookies.filter((cookie) => !/;\s*samesite=none/i.test(cookie) || !/;\s*secure/i.test(cookie));
    const names = cookies.map((cookie) => cookie.split("=", 1)[0]!).join(", ");
    if (kept.length === 0)
      return { name, state: "ok", message: `It sets ${names}, for pages of any origin.`, hint: null };
    return {
      name,
      state: "warn",
      message: `It sets ${names}, which pages of another origin do not send back.`,
      hint: "A balancer that uses a cookie needs SameSite=None and Secure for such pages. Node keeps cookies by itself.",
    };
  } catch (error) {
    about.run.signal.throwIfAborted();
    return { name, state: "fail", message: `The app did not answer: ${(error as Error).message}.`, hint: null };
  }
}
