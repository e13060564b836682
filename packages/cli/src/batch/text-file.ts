import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkFile } from "../data/files.ts";
import { UsageError } from "../exit.ts";
import type { Run } from "../run.ts";

/** Number of bytes that are read at once. */
const BLOCK = 65_536;
/** Number of parts of the file that are kept in memory. */
const KEPT = 16;

/** A file that is read from its beginning, and at any place. Only some parts of it are in memory. */
export class TextFile {
  readonly #handle: FileHandle;
  readonly #remove: () => Promise<void>;
  /** Parts of two blocks each, by the number of their first block. The part that was used last is the last one. */
  readonly #parts = new Map<number, Promise<Buffer>>();

  private constructor(handle: FileHandle, remove: () => Promise<void> = async () => undefined) {
    this.#handle = handle;
    this.#remove = remove;
  }

  /**
   * Opens a file. For `-`, stdin is copied to a temporary file first.
   *
   * @throws UsageError for a file that cannot be read.
   */
  static async open({ io, signal }: Run, path: string): Promise<TextFile> {
    if (path === "-") return await TextFile.#copy(io.stdin, signal);
    checkFile(path);
    return new TextFile(await open(path, constants.O_RDONLY));
  }

  static async #copy(
    stdin: NodeJS.ReadableStream & { destroy(error: Error): void },
    signal: AbortSignal,
  ): Promise<TextFile> {
    const folder = await mkdtemp(join(tmpdir(), "gradio-rx-"));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const stop = (): void => stdin.destroy(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    let handle: FileHandle | undefined;
    try {
      signal.throwIfAborted();
      handle = await open(join(folder, "stdin"), "wx+", 0o600);
      // The open file stays readable without its name, and leaves nothing behind if the process is killed. Windows removes it later.
      await remove().catch(() => undefined);
      for await (const chunk of stdin) await handle.writeFile(chunk);
      return new TextFile(handle, remove);
    } catch (error) {
      await handle?.close();
      await remove();
      signal.throwIfAborted();
      throw new UsageError(`Stdin cannot be kept in the folder ${tmpdir()}: ${(error as Error).message}.`);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Yields the bytes of the file. Each chunk is valid until the next one is read. */
  async *chunks(): AsyncGenerator<Buffer, void> {
    const bytes = Buffer.allocUnsafeSlow(BLOCK);
    let at = 0;
    for (;;) {
      const chunk = await this.#read(bytes, at);
      if (chunk.length === 0) return;
      yield chunk;
      at += chunk.length;
    }
  }

  /** Reads a text between two offsets. */
  async text(start: number, end: number): Promise<string> {
    const block = Math.floor(start / BLOCK);
    const first = block * BLOCK;
    if (end > first + 2 * BLOCK) return (await this.#read(Buffer.allocUnsafeSlow(end - start), start)).toString("utf8");
    return (await this.#part(block)).toString("utf8", start - first, end - first);
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#remove();
  }

  #part(block: number): Promise<Buffer> {
    const part = this.#parts.get(block) ?? this.#read(Buffer.allocUnsafeSlow(2 * BLOCK), block * BLOCK);
    this.#parts.delete(block);
    this.#parts.set(block, part);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > KEPT) this.#parts.delete(oldest!);
    return part;
  }

  /** Fills a buffer with the bytes at an offset. Returns the part that was filled. */
  async #read(bytes: Buffer, start: number): Promise<Buffer> {
    let read = 0;
    while (read < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, read, bytes.length - read, start + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  }
}
