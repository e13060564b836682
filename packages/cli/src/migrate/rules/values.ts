import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { nameOf } from "../tree.ts";
import { renameMember } from "./clients.ts";

/** Fields of files that have another name. */
export const fileFields: Readonly<Record<string, string>> = {
  orig_name: "origName",
  mime_type: "mimeType",
  is_stream: "isStream",
};

/** Fields of the state of a Space: their new names, or `null` for those without a counterpart. */
export const spaceFields: Readonly<Record<string, string | null>> = {
  detail: "stage",
  load_status: null,
  discussions_enabled: null,
};

/** Reports a field of the state of a Space that has no counterpart. */
export function reportSpaceField(node: Node, name: string, { change }: Context): void {
  change.report(
    node,
    `\`${name}\` of the state of a Space has no counterpart: its fields are \`spaceId\`, \`stage\`, \`status\` and \`message\`.`,
  );
}

const STATUSES = "The status of a Space has other values: `failed` for `space_error`, `error` and `stopped`.";

/** Changes the fields of files in outputs, and those of the state of a Space. */
export function changeValues(context: Context): void {
  const { inference, change } = context;
  for (const node of inference.nodes) {
    if (node.type !== "MemberExpression") continue;
    const kind = inference.kindOf(node.object);
    const name = nameOf(node) ?? "";
    if (kind?.is === "value" && Object.hasOwn(fileFields, name)) renameMember(node, fileFields[name]!, context);
    if (kind?.is !== "space") continue;
    const to = Object.hasOwn(spaceFields, name) ? spaceFields[name] : name;
    if (to === null) reportSpaceField(node, name, context);
    else if (to !== undefined && to !== name) renameMember(node, to, context);
    if (name === "status" && /space_error|"error"|'error'|stopped/.test(node.parent ? change.textOf(node.parent) : ""))
      change.report(node, STATUSES);
  }
}
