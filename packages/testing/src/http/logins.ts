/** Logins of one run of an app; a restart ends them. */
export interface Logins {
  /** Part of the cookie names; a new one for each run. */
  readonly cookieId: string;
  /** Names of users by the value of their cookie. */
  readonly users: Map<string, string>;
}

/** Creates an empty registry of logins. */
export function createLogins(): Logins {
  return { cookieId: randomToken(), users: new Map() };
}

/** Returns the user who sends a request; `null` without a login. */
export function userOf(request: Request, { logins }: { logins: Logins }): string | null {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [name, value = ""] = pair.trim().split("=");
    if (cookieNames(logins).some((one) => one === name)) return logins.users.get(value) ?? null;
  }
  return null;
}

/** Returns the names of the two cookies that each login sets. */
export function cookieNames({ cookieId }: Logins): [secure: string, plain: string] {
  return [`access-token-${cookieId}`, `access-token-unsecure-${cookieId}`];
}

/** Returns a random token. */
export function randomToken(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
