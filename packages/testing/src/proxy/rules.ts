import type { Fault, Rule } from "./fault.ts";

/** A rule, and how many requests have fitted it. */
interface Counted {
  rule: Rule;
  seen: number;
}

/** The rules of a proxy, in the order of their making: the first that strikes is the one. */
export class Rules {
  #all: Counted[] = [];

  /** Adds rules behind those that are there. */
  add(rules: readonly Rule[]): void {
    this.#all.push(...rules.map((rule) => ({ rule, seen: 0 })));
  }

  /** Takes all away. */
  clear(): void {
    this.#all = [];
  }

  /** The fault that this request meets. Every rule that fits counts it. */
  strike(method: string, path: string): Fault | undefined {
    let fault: Fault | undefined;
    for (const one of this.#all) {
      const { rule } = one;
      if (!fits(rule, method, path)) continue;
      one.seen++;
      const { nth = 1, times = 1 } = rule;
      const strikes = one.seen >= nth && (times === "always" || one.seen < nth + times);
      if (strikes) fault ??= rule.fault;
    }
    return fault;
  }
}

/** Whether a request fits a method and a pattern of a path; both may be left out. */
export function fits(pattern: { method?: string; path?: string }, method: string, path: string): boolean {
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
