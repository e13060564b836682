/** Returns the prefix of the tools' names for each app: none for one app; else the Space's name, or the host and path of the URL. */
export function appPrefixes(apps: readonly string[]): string[] {
  if (apps.length < 2) return apps.map(() => "");
  const taken = new Set<string>();
  return apps.map((app) => {
    const wanted = shortName(app);
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
    taken.add(name);
    return `${name}_`;
  });
}

function shortName(app: string): string {
  const url = URL.canParse(app) ? new URL(app) : undefined;
  const page = url?.pathname.match(/^\/spaces\/[^/]+\/([^/]+)/)?.[1];
  const words = page ?? (url ? `${url.host}${url.pathname}` : app.split("/").at(-1)!);
  // Short: a tool's name has 64 characters in all.
  return words
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "")
    .slice(0, 24);
}
