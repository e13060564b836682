import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A running registry. */
export interface Registry {
  url: string;
  close(): void;
}

interface Packed {
  manifest: { name: string; version: string };
  bytes: Buffer;
}

/** Starts a registry of npm packages on 127.0.0.1: it has the packed packages of a folder, and redirects to npm's own for all others. */
export async function serveRegistry(folder: string): Promise<Registry> {
  const others = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const packages = new Map(readPackages(folder).map((one) => [one.manifest.name, one]));
  const server = createServer(({ url: asked = "/" }, response) => {
    const path = decodeURIComponent(asked);
    const found = packages.get(path.slice(1).replace(/\/-\/.*/, ""));
    if (!found) response.writeHead(307, { location: new URL(asked.slice(1), others).href }).end();
    else if (path.endsWith(".tgz")) response.end(found.bytes);
    else describe(found, url, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function readPackages(folder: string): Packed[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  return files.map((file) => {
    const path = join(folder, file);
    const text = execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" });
    return { manifest: JSON.parse(text) as Packed["manifest"], bytes: readFileSync(path) };
  });
}

/** Responds with what npm asks about a package: its versions, of which there is one. */
function describe({ manifest, bytes }: Packed, url: string, response: ServerResponse): void {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const dist = { tarball: `${url}/${name}/-/${version}.tgz`, integrity };
  const about = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
  response.setHeader("content-type", "application/json").end(JSON.stringify(about));
}
