import { createFile, ownBlob } from "../values/blobs.ts";

/**
 * Parses the files of a form (RFC 7578), as browsers and clients of Gradio send it. `Request.formData` is not used, as it fails in test
 * environments that replace the global File.
 *
 * @param field - name of the form field of the files.
 * @param type - value of the `content-type` header.
 * @throws TypeError where the body is not such a form, or where a part of that field is not a file.
 */
export async function parseFiles(body: ArrayBuffer, type: string, field: string): Promise<File[]> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new TypeError("The form has no boundary");
  const files: File[] = [];
  for (const part of partsOf(new Uint8Array(body), boundary)) {
    const headers = headersOf(part.head);
    const disposition = headers.get("content-disposition") ?? "";
    if (parameter(disposition, "name") !== field) continue;
    const name = parameter(disposition, "filename");
    if (name === undefined) throw new TypeError("A part of the form is not a file");
    const content = new Blob([part.content], { type: headers.get("content-type") ?? "" });
    files.push(createFile(await ownBlob(content), name));
  }
  return files;
}

/** Yields the parts of a form: the lines of their headers, and their content. */
function* partsOf(
  bytes: Uint8Array<ArrayBuffer>,
  boundary: string,
): Generator<{ head: string; content: Uint8Array<ArrayBuffer> }> {
  // Not in the module: Jest's jsdom, where an error explains what is missing, has neither.
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  const delimiter = encoder.encode(`\r\n--${boundary}`);
  const blank = encoder.encode("\r\n\r\n");
  // The first delimiter has no line break before it.
  let at = indexOf(bytes, delimiter.subarray(2), 0) - 2;
  if (at < -2) throw new TypeError("The form does not begin with its boundary");
  for (;;) {
    const start = at + delimiter.length;
    if (decoder.decode(bytes.subarray(start, start + 2)) === "--") return;
    const headEnd = indexOf(bytes, blank, start);
    const end = headEnd < 0 ? -1 : indexOf(bytes, delimiter, headEnd + blank.length - 2);
    if (end < 0) throw new TypeError("The form is incomplete");
    const head = decoder.decode(bytes.subarray(start + 2, headEnd));
    yield { head, content: bytes.slice(Math.min(headEnd + blank.length, end), end) };
    at = end;
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}

function headersOf(head: string): Map<string, string> {
  const pairs = head.split("\r\n").map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return new Map(pairs);
}

/** Returns a parameter of a header; browsers write quotes and line breaks of a name in percent-encoding. */
function parameter(header: string, name: string): string | undefined {
  const [, value] = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, "i").exec(header) ?? [];
  return value?.replaceAll(/\\(["\\])/g, "$1").replaceAll(/%(0D|0A|22)/gi, (code) => decodeURIComponent(code));
}
