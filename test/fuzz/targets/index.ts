import type { AnyTarget } from "../target.ts";
import { calling } from "./arguments.ts";
import { description } from "./description.ts";
import { answers, cookies, names, quoting, redirects, retryAfter, stream } from "./http.ts";
import { jobs } from "./job.ts";
import { proxy } from "./proxy.ts";
import { sessions } from "./session.ts";
import { decoding, diffs, quoted } from "./wire.ts";

/** All targets. */
export const targets: readonly AnyTarget[] = [
  stream,
  decoding,
  diffs,
  quoted,
  description,
  calling,
  names,
  retryAfter,
  cookies,
  redirects,
  quoting,
  answers,
  jobs,
  sessions,
  proxy,
];
