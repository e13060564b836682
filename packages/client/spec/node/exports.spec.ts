import * as node from "@gradio-rx/node";
import * as web from "@gradio-rx/web";
import * as webPlatform from "@gradio-rx/web/platform";
import { expect, test } from "vitest";
import * as clientWeb from "../../src/index.ts";
import * as clientNode from "../../src/node.ts";
import * as clientPlatform from "../../src/platform.ts";

test.each([
  ["web", clientWeb, web],
  ["node", clientNode, node],
  ["web/platform", clientPlatform, webPlatform],
])("the package exports everything that @gradio-rx/%s does", (_, own, platform) => {
  expect({ ...own }).toEqual({ ...platform });
});
