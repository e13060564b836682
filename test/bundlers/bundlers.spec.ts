import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { serveEmbedded } from "../../demo/embedded.ts";
import { launch } from "../../examples/chromium.ts";
import { build, type BundlerName, bundlers, type Page } from "./bundlers.ts";
import { visit } from "./measure.ts";
import { makeProject } from "./project.ts";
import { storedSizes, tablePage, withTable } from "./table.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

let project: string;
let app: Awaited<ReturnType<typeof serveEmbedded>>;
let browser: Browser;

beforeAll(async () => {
  project = await makeProject();
  app = await serveEmbedded();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const quick: [BundlerName, Page][] = (Object.keys(bundlers) as BundlerName[])
  .filter((name) => name !== "Next (webpack)")
  .map((name) => [name, "gradio-rx"]);

/** Bytes by which a size may differ from the table, as a share. */
const TOLERANCE = 0.03;

test.each<[BundlerName, Page]>([...quick, ["Vite", "@gradio/client"]])(
  "%s builds the chat page with %s without a warning, the page answers and retries, and its size is that of the table",
  async (name, page) => {
    const { ended, complaints, dir } = await build(project, name, page);
    expect(ended, complaints).toMatchObject({ code: 0 });
    expect(complaints).toBe("");
    const question = `Please fail, ${page} in ${name}`;
    const { first, whole, complaints: shown, answer } = await visit(browser, dir, app.url, question);
    expect(shown).toEqual([]);
    expect(answer).toContain(`You wrote “${question}”`);
    const stated = storedSizes()[name]![page];
    expect(Math.abs(first - stated.first), `first load ${first} B`).toBeLessThan(stated.first * TOLERANCE);
    expect(Math.abs(whole - stated.whole), `whole page ${whole} B`).toBeLessThan(stated.whole * TOLERANCE);
  },
);

test("the table of sizes has every bundler", () => {
  const sizes = storedSizes();
  expect(Object.keys(sizes)).toEqual(Object.keys(bundlers));
  expect(withTable(tablePage(), sizes)).toBe(tablePage());
});
