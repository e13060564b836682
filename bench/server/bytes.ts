import { NO_ID } from "./messages.ts";

/** Bytes of the messages of one job on the socket, including HTTP chunk framing, without the id of the job. */
export interface Prepared {
  bytes: Buffer;
  /** Offsets at which the id is inserted. */
  ids: number[];
  /** Offsets at which HTTP chunks end. */
  ends: number[];
}

/** Number of bytes in an HTTP chunk that contains many events, as behind a proxy. */
const JOINED = 16_384;

/**
 * Writes messages as events in HTTP chunks.
 *
 * @param joined - whether chunks are cut by size, anywhere, instead of around each event.
 */
export function prepare(messages: readonly string[], joined: boolean): Prepared {
  const events = messages.map((message) => `data: ${message}\n\n`);
  const text = joined ? inPieces(events.join("")) : events;
  const ids: number[] = [];
  const ends: number[] = [];
  let length = 0;
  const chunks = text.map((piece) => {
    const chunk = inChunk(piece);
    for (let at = chunk.indexOf(NO_ID); at >= 0; at = chunk.indexOf(NO_ID, at + NO_ID.length)) ids.push(length + at);
    ends.push((length += chunk.length));
    return chunk;
  });
  return { bytes: Buffer.from(chunks.join(""), "latin1"), ids, ends };
}

/** Returns the bytes of one job with its id. */
export function bytesOf({ bytes, ids }: Prepared, id: string): Buffer {
  const own = Buffer.from(bytes);
  for (const at of ids) own.write(id, at, "latin1");
  return own;
}

/** Interleaves the chunks of many jobs. */
export function interleave(jobs: readonly { bytes: Buffer; ends: readonly number[] }[]): Buffer {
  const longest = Math.max(...jobs.map(({ ends }) => ends.length));
  const chunks: Buffer[] = [];
  for (let turn = 0; turn < longest; turn++) {
    for (const { bytes, ends } of jobs)
      if (turn < ends.length) chunks.push(bytes.subarray(turn === 0 ? 0 : ends[turn - 1], ends[turn]));
  }
  return Buffer.concat(chunks);
}

function inChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Cuts anywhere but within an id, because ids are replaced in place. */
function inPieces(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = Math.min(from + JOINED, text.length);
    const id = text.lastIndexOf(NO_ID, to - 1);
    if (id > from && id + NO_ID.length > to) to = id;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}
