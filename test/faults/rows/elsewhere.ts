import { download, generate, upload } from "../actions.ts";
import { CONFIG, FILE, INFO, JOIN, RETRIED, type Row, STREAM, UPLOAD } from "../row.ts";

const sent = (status: number) => ({ answer: { status, headers: { location: "$elsewhere$path$query" } } });
const family = "another origin";

export const elsewhere: readonly Row[] = [
  ...[302, 307].flatMap((status) =>
    Object.entries({ config: CONFIG, info: INFO }).map(([name, on]): Row => ({
      family,
      name: `${name} is redirected (${status})`,
      rules: [{ ...on, times: "always", fault: sent(status) }],
      connecting: true,
      allowed: ["right", "typed"],
      bound: RETRIED,
    })),
  ),
  ...Object.entries({ join: JOIN, stream: STREAM, upload: UPLOAD }).flatMap(([name, on]) =>
    [302, 307].map((status): Row => ({
      family,
      name: `${name} is redirected (${status})`,
      rules: [{ ...on, times: "always", fault: sent(status) }],
      act: name === "upload" ? upload : generate,
      allowed: ["right", "typed"],
      bound: RETRIED,
    })),
  ),
  {
    family,
    name: "a file is redirected",
    rules: [{ ...FILE, times: "always", fault: sent(302) }],
    act: download,
    allowed: ["right", "DownloadError"],
    bound: RETRIED,
    where: "node",
  },
  {
    family,
    name: "root is another host",
    rules: [{ ...CONFIG, times: "always", fault: { body: { replace: { '"root":"$proxy': '"root":"$elsewhere' } } } }],
    connecting: true,
    allowed: ["right"],
    bound: RETRIED,
  },
  {
    family,
    name: "a file's url is on another host",
    rules: [{ ...STREAM, times: "always", fault: { body: { replace: { '"url":"$proxy': '"url":"$elsewhere' } } } }],
    act: download,
    allowed: ["right", "DownloadError"],
    bound: RETRIED,
    where: "node",
  },
  {
    family,
    name: "api_prefix is a host",
    rules: [
      {
        ...CONFIG,
        times: "always",
        fault: { body: { replace: { '"api_prefix":"/gradio_api"': '"api_prefix":"@evil.example"' } } },
      },
    ],
    connecting: true,
    allowed: ["typed"],
    bound: RETRIED,
  },
];
