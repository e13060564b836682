import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as rival from "@gradio/client";
import * as compat from "@gradio-rx/compat";
import { expect, test } from "vitest";

/** Members of the rival's client that keep its books. They are public by accident, and are not offered. */
const books = [
  "_resolve_config",
  "_resolve_heartbeat",
  "abort_controller",
  "config_success",
  "cookies",
  "current_payload",
  "event_callbacks",
  "handle_blob",
  "handle_space_success",
  "heartbeat_event",
  "init",
  "jwt",
  "last_status",
  "open_stream",
  "pending_diff_streams",
  "pending_stream_messages",
  "prepare_return_obj",
  "resolve_config",
  "resolve_cookies",
  "set_current_payload",
  "stream_instance",
  "stream_status",
  "unclosed_events",
];

/** Fields that `connect` sets, in the rival. */
const later = ["api_info", "config"];

function members(client: object): string[] {
  const own = [...Object.keys(client), ...Object.getOwnPropertyNames(Object.getPrototypeOf(client)), ...later];
  return [...new Set(own)].filter((name) => name !== "constructor").toSorted();
}

test("exports the values that @gradio/client exports, and no others", () => {
  expect(Object.keys(compat).toSorted()).toEqual(Object.keys(rival).toSorted());
});

test("a client has the members of the rival's client, except for its bookkeeping", () => {
  const theirs = members(new rival.Client("http://127.0.0.1:1"));
  expect(members(new compat.Client("http://127.0.0.1:1"))).toEqual(theirs.filter((name) => !books.includes(name)));
});

test.each([
  ["the types of both packages are the same, and call sites compile with @gradio/client", "tsconfig.json"],
  ["the same call sites compile with this package in the place of @gradio/client", "tsconfig.override.json"],
])(
  "%s",
  (_, file) => {
    const project = fileURLToPath(new URL(`../types/${file}`, import.meta.url));
    const { status, stdout } = spawnSync("tsc", ["-p", project, "--pretty", "false"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  },
  60_000,
);
