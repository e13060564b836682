import type { Fault } from "@gradio-rx/testing";
import { download, upload } from "../actions.ts";
import { AT_ONCE, FILE, GATEWAY, RETRIED, type Row, UPLOAD } from "../row.ts";

const uploads: Record<string, [fault: Fault, times: 1 | "always", allowed: string[]]> = {
  "reset before the reply": [{ breaks: { at: "answer", how: "reset" } }, 1, ["right"]],
  "reset in mid-body": [{ breaks: { at: { requestByte: 100_000 }, how: "reset" } }, 1, ["right"]],
  "the reply cut": [{ breaks: { at: { byte: 5 }, how: "close" } }, 1, ["right"]],
  "503": [{ answer: { status: 503, body: GATEWAY } }, 1, ["right"]],
  "413": [
    { answer: { status: 413, headers: { "content-type": "text/plain" }, body: "File size exceeded." } },
    "always",
    ["FileTooLargeError"],
  ],
  "413 before the body was read": [
    { answer: { status: 413, body: "too large", unread: true } },
    "always",
    ["FileTooLargeError", "UploadError"],
  ],
  "401": [{ answer: { status: 401, body: { detail: "Not authenticated" } } }, "always", ["AuthenticationError"]],
  "500, always": [{ answer: { status: 500, body: "Internal Server Error" } }, "always", ["UploadError"]],
  "reset in mid-body, always": [
    { breaks: { at: { requestByte: 100_000 }, how: "reset" } },
    "always",
    ["UploadError", "ConnectionError"],
  ],
  "200 with a web page": [{ answer: { body: GATEWAY } }, "always", ["UploadError", "ProtocolError"]],
  "200 with too few paths": [{ answer: { body: [] } }, "always", ["UploadError", "ProtocolError"]],
};

const downloads: Record<string, [fault: Fault, times: 1 | "always", allowed: string[]]> = {
  "reset before the reply": [{ breaks: { at: "answer", how: "reset" } }, 1, ["right"]],
  "503": [{ answer: { status: 503, body: GATEWAY } }, 1, ["right"]],
  "cut in the body": [{ breaks: { at: { byte: 50_000 }, how: "close" } }, 1, ["right", "DownloadError"]],
  "reset in the body": [{ breaks: { at: { byte: 50_000 }, how: "reset" } }, 1, ["right", "DownloadError"]],
  "cut in a chunked body of a connection that closes": [
    { head: { frame: "chunked", headers: { connection: "close" } }, breaks: { at: { byte: 50_000 }, how: "close" } },
    1,
    ["right", "DownloadError"],
  ],
  // Each attempt continues where the last one ended.
  "cut in the body, always": [{ breaks: { at: { byte: 50_000 }, how: "close" } }, "always", ["right", "DownloadError"]],
  "404": [{ answer: { status: 404, body: { detail: "Not Found" } } }, "always", ["DownloadError"]],
  "500, always": [{ answer: { status: 500, body: "Internal Server Error" } }, "always", ["DownloadError"]],
};

const names: Record<string, string> = {
  "a name with ..": "../../../outside.bin",
  "an absolute name": "/outside.bin",
  "a name with NUL": "made\\u0000.bin",
};

export const files: readonly Row[] = [
  ...Object.entries(uploads).map(([name, [fault, times, allowed]]): Row => ({
    family: "upload",
    name,
    rules: [{ ...UPLOAD, times, fault }],
    act: upload,
    allowed,
    bound: RETRIED,
  })),
  {
    family: "upload",
    name: "no answer",
    rules: [{ ...UPLOAD, times: "always", fault: { breaks: { at: "answer", how: "stall" } } }],
    act: upload,
    options: { timeout: 1_000 },
    allowed: ["TimeoutError(call)"],
    bound: 1_000 + AT_ONCE,
  },
  ...Object.entries(downloads).map(([name, [fault, times, allowed]]): Row => ({
    family: "download",
    name,
    rules: [{ ...FILE, times, fault }],
    act: download,
    allowed,
    bound: RETRIED,
    where: "node",
  })),
  ...Object.entries(names).map(([name, evil]): Row => ({
    family: "download",
    name,
    rules: [
      {
        method: "GET",
        path: "/queue/data",
        times: "always",
        fault: { body: { replace: { '"orig_name":"made.bin"': `"orig_name":"${evil}"` } } },
      },
    ],
    act: download,
    allowed: ["right", "typed"],
    bound: RETRIED,
    where: "node",
  })),
];
