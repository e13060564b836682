import { expect, test } from "vitest";
import { CancelledError, InputError } from "../errors.ts";
import { CallEnd } from "../protocol/protocol.ts";
import { InputStream } from "./input-stream.ts";

test("a chunk whose files are being uploaded when its call is cancelled is rejected with the error of the call", async () => {
  const end = new AbortController();
  const input = new InputStream(
    "/watch",
    () => new Promise((_, reject) => end.signal.addEventListener("abort", () => reject(end.signal.reason))),
    end.signal,
  );
  const sent = input.send("chunk");
  const error = new CancelledError("The call of /watch was cancelled.");
  end.abort(new CallEnd("cancelled", error));
  input.close();
  await expect(sent).rejects.toBe(error);
});

test("a chunk that is invalid is rejected with the error of its data", async () => {
  const invalid = new InputError("The parameter is missing.");
  const input = new InputStream("/watch", () => Promise.reject(invalid), new AbortController().signal);
  const sent = input.send("chunk");
  input.open(null);
  await expect(sent).rejects.toBe(invalid);
});
