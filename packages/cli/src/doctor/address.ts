import type { Check } from "./check.ts";

/** Whether something answers at the address, over HTTP. */
export async function checkAddress(app: string, signal: AbortSignal): Promise<Check> {
  const name = "address";
  const asked = URL.canParse(app) ? new URL(app) : undefined;
  if (asked?.protocol !== "http:" && asked?.protocol !== "https:")
    return {
      name,
      state: "fail",
      message: `${app} is neither an http(s) address nor a Space id.`,
      hint: "Write https://host/path of the app, or owner/name of a Space.",
    };
  asked.username = asked.password = "";
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  try {
    const answer = await fetch(asked, { signal: limit, redirect: "manual" });
    await answer.body?.cancel();
    return redirected(answer, asked) ?? { name, state: "ok", message: `${asked.host} answers.`, hint: null };
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as { cause?: unknown };
    const why =
      cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : (error as Error).message;
    return {
      name,
      state: "fail",
      message: `${asked.host} does not answer: ${why ?? "no reason is known"}.`,
      hint: "Check the host, the port and http or https; a firewall may be in between.",
    };
  }
}

function redirected(answer: Response, asked: URL): Check | undefined {
  const location = answer.headers.get("location");
  if (answer.status < 300 || answer.status > 399 || location === null || !URL.canParse(location, asked.href))
    return undefined;
  const target = new URL(location, asked);
  if (target.origin === asked.origin) return undefined;
  return {
    name: "address",
    state: "warn",
    message: `${asked.host} redirects to ${target.origin}.`,
    hint: `Use ${target.origin} itself: tokens and logins are not sent to another origin.`,
  };
}
