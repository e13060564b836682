import { Observable } from "rxjs";
import { type FileData, isFileData } from "../data/files.ts";
import { replacer } from "../data/outputs.ts";
import { readFile, type UseFile } from "../data/read.ts";
import type { CallEvent } from "../events.ts";
import type { Http } from "../http/request.ts";
import type { CallTies } from "../protocol/protocol.ts";
import type { DecoderTarget, Outbox } from "../wire/decoder.ts";
import type { WireMessage } from "../wire/messages.ts";

/** Most files of one output that are fetched side by side. */
const AT_ONCE = 6;

/** Fetches a file, and says where it lies on this machine; tells of each byte that comes. */
export type FetchFile = (file: FileData, signal: AbortSignal, onLife: () => void) => Promise<string>;

/**
 * An outbox in which outputs wait until their files lie on this machine: then they carry `localPath`. Streams are left
 * out, as they are not whole; a file that comes again is fetched once.
 */
export class FetchedOutbox implements Outbox {
  readonly #fetch: FetchFile;
  readonly #tell: (event: CallEvent) => void;
  readonly #fail: (error: unknown) => void;
  readonly #onLife: () => void;
  readonly #abort = new AbortController();
  /** Where the files lie that were fetched, by what the app keeps them under. */
  readonly #paths = new Map<string, string>();
  readonly #withPaths = replacer((value) => {
    const localPath = isFileData(value) && !value.isStream ? this.#paths.get(keyOf(value)) : undefined;
    return localPath === undefined ? null : { ...value, localPath };
  });
  readonly #line: (() => void | Promise<void>)[] = [];
  #busy = false;

  constructor(
    fetch: FetchFile,
    doors: { tell: (event: CallEvent) => void; fail: (error: unknown) => void; onLife: () => void },
  ) {
    this.#fetch = fetch;
    this.#tell = doors.tell;
    this.#fail = doors.fail;
    this.#onLife = doors.onLife;
  }

  push(event: CallEvent): void {
    const work = (): void => this.#tell(this.#finished(event));
    if (event.type !== "data" && event.type !== "result") return this.whenTold(work);
    const files = filesIn(event.data).filter(({ isStream }) => !isStream);
    if (files.length > 0) this.whenTold(() => this.#fetchAll(files));
    this.whenTold(work);
  }

  whenTold(work: () => void | Promise<void>): void {
    this.#line.push(work);
    if (!this.#busy) void this.#run();
  }

  drop(): void {
    this.#line.length = 0;
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      for (let work = this.#line.shift(); work; work = this.#line.shift()) {
        // What has nothing to wait for is told at once.
        const done = work();
        if (done) await done;
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(error);
    }
    this.#busy = false;
  }

  async #fetchAll(files: readonly FileData[]): Promise<void> {
    // Looked at when their turn comes: by then the output before may have brought the same ones.
    const left = new Map(files.filter((file) => !this.#paths.has(keyOf(file))).map((file) => [keyOf(file), file]));
    const next = async (): Promise<void> => {
      for (const [key, file] of left) {
        left.delete(key);
        this.#paths.set(key, await this.#fetch(file, this.#abort.signal, this.#onLife));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  #finished(event: CallEvent): CallEvent {
    if (event.type === "result") return { ...event, data: this.#withPaths(event.data) };
    if (event.type !== "data") return event;
    const outputs = this.#withPaths(event.outputs) as unknown[];
    return { ...event, data: this.#withPaths(event.data), outputs };
  }
}

/** The files in an output as callers get it, at any depth. */
function filesIn(value: unknown): FileData[] {
  const found: FileData[] = [];
  replacer((part) => {
    if (!isFileData(part)) return null;
    found.push(part);
    return part;
  })(value);
  return found;
}

/** Addresses may be signed anew each time; only a file that is in its own address has no path. */
function keyOf({ path, url }: FileData): string {
  return path || url;
}

/** What a call does differently whose files are fetched before its outputs are told. */
export interface Fetching {
  outbox: NonNullable<DecoderTarget["outbox"]>;
  /** Keeps the call's messages from ending with the app's. */
  hold: (messages$: Observable<WireMessage>) => Observable<WireMessage>;
  /** When the call last showed life, by `performance.now()`; `null` while it has shown none. */
  lastLife: () => number | null;
}

/** What a call takes whose files are fetched, and kept on this machine, before its outputs are told. */
export function fetcher(http: Http, saveFile: UseFile<string>): (ties: CallTies) => Fetching {
  const fetch: FetchFile = (file, signal, onProgress) => readFile(http, file, { signal, onProgress }, saveFile);
  return (ties) => fetching(fetch, ties);
}

/**
 * What it takes to fetch files before outputs are told. The app has long ended the call when its last files come: what ends
 * calls, and limits them, holds until then, and a byte of a file is a sign of life like any other.
 */
function fetching(fetch: FetchFile, ties: CallTies): Fetching {
  let life = 0;
  const onLife = (): void => void (life = performance.now());
  return {
    outbox: (tell, fail) => new FetchedOutbox(fetch, { tell, fail, onLife }),
    hold: withoutEnd,
    lastLife: () => {
      const last = ties.lastLife();
      return last === null ? null : Math.max(last, life);
    },
  };
}

/** After the message that ends the call nothing more comes, not even the end. */
function withoutEnd(messages$: Observable<WireMessage>): Observable<WireMessage> {
  return new Observable((subscriber) => {
    let last: WireMessage["kind"] | undefined;
    return messages$.subscribe({
      next: (message) => {
        last = message.kind;
        subscriber.next(message);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        if (last !== "process_completed") subscriber.complete();
      },
    });
  });
}
