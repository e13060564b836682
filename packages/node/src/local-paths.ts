import { FileHandle, InputError } from "@gradio-rx/core";
import { realpath } from "node:fs/promises";
import nodePath, { type PlatformPath } from "node:path";
import { fileURLToPath } from "node:url";
import { diskFile } from "./disk.ts";
import { isDevice } from "./names.ts";

/**
 * Returns the path of a `file:` URL.
 *
 * @throws InputError for one that names no file of this machine.
 */
export function pathOfUrl(url: string | URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new InputError(`${JSON.stringify(String(url).slice(0, 200))} is not the URL of a file on this machine.`, {
      cause,
    });
  }
}

/**
 * Returns the whole path of a path inside a folder; `null` where it leads out of the folder. The path is only calculated:
 * nothing touches the disk or, for `\\host\share` on Windows, the network.
 *
 * @param platform - path functions of Windows or of POSIX. Default: those of this machine.
 */
export function pathInside(folder: string, path: string, platform: PlatformPath = nodePath): string | null {
  const root = platform.resolve(folder);
  const whole = platform.resolve(root, path);
  const inside = platform.relative(root, whole);
  if (inside === "" || path.includes("\0") || isOut(inside, platform)) return null;
  // Windows opens devices in any folder, and a colon names a stream of a file.
  const parts = inside.split(platform.sep);
  return platform.sep === "\\" && parts.some((part) => isDevice(part) || part.includes(":")) ? null : whole;
}

/** Whether a path is on another machine: `\\host\share` on Windows. */
export function isNetworkPath(path: string, platform: PlatformPath = nodePath): boolean {
  return platform.sep === "\\" && /^[\\/]{2}/.test(path);
}

/**
 * Returns a function that makes files of paths inside a folder, and refuses other paths. Symbolic links are followed first.
 *
 * @param folder - paths are relative to it.
 */
export function filesInside(folder: string): (path: string) => FileHandle {
  return (path) => {
    const whole = pathInside(folder, path);
    if (whole === null) throw outside(path);
    const source = async (): Promise<Blob> => {
      const real = await realpath(whole).catch(() => whole);
      if (real !== whole && pathInside(await realpath(folder), real) === null) throw outside(path);
      return await diskFile(real, undefined);
    };
    return new FileHandle(source, { name: nodePath.basename(path) });
  };
}

function outside(path: string): InputError {
  return new InputError(`${JSON.stringify(path.slice(0, 200))} is not inside the folder of the option localFiles.`);
}

function isOut(inside: string, platform: PlatformPath): boolean {
  return inside === ".." || inside.startsWith(`..${platform.sep}`) || platform.isAbsolute(inside);
}
