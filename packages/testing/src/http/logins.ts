/** Who has logged in to one run of an app: a new run knows nobody. */
export interface Logins {
  /** Stands in the names of the cookies, and is new for each run. */
  readonly cookieId: string;
  /** Users by the value of their cookie. */
  readonly users: Map<string, string>;
}

/** Nobody has logged in. */
export function createLogins(): Logins {
  return { cookieId: secret(), users: new Map() };
}

/** Who sends a request; `null` for somebody who has not logged in. */
export function userOf(request: Request, { logins }: { logins: Logins }): string | null {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [name, value = ""] = pair.trim().split("=");
    if (cookieNames(logins).some((one) => one === name)) return logins.users.get(value) ?? null;
  }
  return null;
}

/** The names of the two cookies that each login sets. */
export function cookieNames({ cookieId }: Logins): [secure: string, plain: string] {
  return [`access-token-${cookieId}`, `access-token-unsecure-${cookieId}`];
}

/** What nobody can guess. */
export function secret(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
