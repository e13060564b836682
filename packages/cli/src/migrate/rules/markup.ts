import { ScopeType } from "@typescript-eslint/scope-manager";
import type { Context } from "../context.ts";
import type { Kind } from "../kinds.ts";
import { isSameMember } from "./clients.ts";

const reported: ReadonlySet<Kind["is"]> = new Set(["result", "job", "event", "stage", "outputs"]);

/** Reports reads of values in the markup of a Vue or Svelte file, which is not changed. */
export function reportMarkup(context: Context): void {
  const { source, change } = context;
  if (source.markup === "") return;
  for (const { name, kind } of topLevel(context)) {
    for (const match of source.markup.matchAll(
      new RegExp(`(?<![\\w$.])${escape(name)}\\b(?:\\s*\\??\\.\\s*(\\w+))?`, "g"),
    )) {
      if (kind.is === "client") {
        const member = match[1];
        if (member !== undefined && !isSameMember(member))
          change.report(match.index, `The markup reads \`${name}.${member}\`: change it by hand.`);
      } else change.report(match.index, `The markup reads \`${name}\`, whose shape has changed: change it by hand.`);
    }
  }
}

/** Returns the variables of the outermost scope whose kinds matter, also those that a `ref` holds. */
function topLevel({ source, inference }: Context): { name: string; kind: Kind }[] {
  const scope = source.scopes.scopes.find(({ type }) => type === ScopeType.module);
  return (scope?.variables ?? []).flatMap((variable) => {
    const kind = inference.variableKind(variable);
    const held = kind ?? inference.assignedKind(variable, "value");
    const found = held?.is === "object" ? held.member("value") : held;
    return found && (reported.has(found.is) || found.is === "client") ? [{ name: variable.name, kind: found }] : [];
  });
}

function escape(name: string): string {
  return name.replaceAll("$", "\\$");
}
