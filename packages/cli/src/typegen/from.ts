import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const packages = ["@gradio-rx/client", "@gradio-rx/web", "@gradio-rx/node"];

/** Returns the SDK's package in the nearest `package.json`; `@gradio-rx/client` where it has none. */
export async function packageNear(folder: string): Promise<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const manifest = await readFile(join(at, "package.json"), "utf8").catch(() => undefined);
    if (manifest !== undefined) return packageIn(manifest);
    if (dirname(at) === at) return packages[0]!;
  }
}

function packageIn(manifest: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(manifest) as Record<string, unknown>;
  } catch {
    return packages[0]!;
  }
  const named = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.keys((fields[kind] as object | undefined) ?? {}),
  );
  return packages.find((name) => named.includes(name) || fields["name"] === name) ?? packages[0]!;
}
