import type { Row } from "../row.ts";
import { aside } from "./aside.ts";
import { connecting } from "./connecting.ts";
import { elsewhere } from "./elsewhere.ts";
import { files } from "./files.ts";
import { joining } from "./joining.ts";
import { lost } from "./lost.ts";
import { messages } from "./messages.ts";
import { odd } from "./odd.ts";
import { silent } from "./silent.ts";

/** All faults. */
export const rows: readonly Row[] = [
  ...connecting,
  ...joining,
  ...lost,
  ...silent,
  ...odd,
  ...messages,
  ...files,
  ...elsewhere,
  ...aside,
];
