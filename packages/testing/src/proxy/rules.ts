import type { Fault, Rule } from "./fault.ts";

/** A rule, and the number of requests that matched it. */
interface Counted {
  rule: Rule;
  seen: number;
}

/** Rules of a proxy in the order in which they were added. */
export class Rules {
  #all: Counted[] = [];

  /** Adds rules after the existing ones. */
  add(rules: readonly Rule[]): void {
    this.#all.push(...rules.map((rule) => ({ rule, seen: 0 })));
  }

  /** Removes all rules. */
  clear(): void {
    this.#all = [];
  }

  /** Returns the fault of the first rule that applies to a request. Every rule that matches counts the request. */
  faultFor(method: string, path: string): Fault | undefined {
    let fault: Fault | undefined;
    for (const one of this.#all) {
      const { rule } = one;
      if (!matches(rule, method, path)) continue;
      one.seen++;
      const { nth = 1, times = 1 } = rule;
      const applies = one.seen >= nth && (times === "always" || one.seen < nth + times);
      if (applies) fault ??= rule.fault;
    }
    return fault;
  }
}

/** Whether a request matches a method and a pattern of a path; both are optional. */
export function matches(pattern: { method?: string; path?: string }, method: string, path: string): boolean {
  if (pattern.method === undefined ? method === "OPTIONS" : pattern.method !== method) return false;
  if (pattern.path === undefined) return true;
  const source = pattern.path
    .split("**")
    .map((part) => part.split("*").map(literal).join("[^/]*"))
    .join(".*");
  return new RegExp(`${source}$`).test(path);
}

function literal(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
}
