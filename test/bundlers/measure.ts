import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright";
import { serve } from "../consumers/vite.ts";

/** Bytes of the JavaScript that a browser loads, after gzip. */
export interface Bytes {
  /** Bytes before the page connects. */
  first: number;
  /** Bytes until the page has shown an answer and an error. */
  whole: number;
}

/** Outcome of a visit in Chromium. */
export interface Visited extends Bytes {
  /** Warnings and errors in its console. */
  complaints: string[];
  /** Text of the answer that the page showed last. */
  answer: string;
}

/**
 * Opens a built page in Chromium: once without an app, when it loads its first files only, and once for a chat with an error, a retry and
 * an answer.
 *
 * @param app - URL of the app.
 * @param question - a message that contains "fail", and that the app has not received before.
 */
export async function visit(browser: Browser, dir: string, app: string, question: string): Promise<Visited> {
  await using site = await serve(dir);
  const complaints: string[] = [];
  const open = async (url: string, until: "load" | "networkidle"): Promise<{ page: Page; files: Set<string> }> => {
    const page = await browser.newPage();
    const files = new Set<string>();
    page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("response", (response) => {
      const { origin, pathname } = new URL(response.url());
      if (origin === new URL(site.url).origin && pathname.endsWith(".js")) files.add(decodeURIComponent(pathname));
    });
    page.setDefaultTimeout(60_000);
    await page.goto(url, { waitUntil: until });
    return { page, files };
  };
  const first = await open(site.url, "networkidle");
  await first.page.close();
  const { page, files } = await open(`${site.url}?app=${encodeURIComponent(app)}`, "load");
  await page.getByText("Connecting …").waitFor({ state: "hidden" });
  await page.getByLabel("Message").fill(question);
  await page.getByLabel("Message").press("Enter");
  await page.getByRole("alert").getByText("The model ran out of memory.").waitFor();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByText("to see an error.").waitFor();
  const answer = (await page.locator(".answer p").last().textContent()) ?? "";
  await page.close();
  return { first: bytes(dir, first.files), whole: bytes(dir, files), complaints, answer };
}

function bytes(dir: string, files: ReadonlySet<string>): number {
  return Array.from(files).reduce((sum, file) => sum + gzipSync(readFileSync(join(dir, file)), { level: 9 }).length, 0);
}
