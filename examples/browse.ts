import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { Client } from "@gradio-rx/node";
import type { DemoApi, ServerRecord } from "../demo/api.ts";
import { type RunningApp, startEmbedded } from "../demo/app.ts";
import { launch } from "./chromium.ts";
import type { ServedPage } from "../demo/page.ts";

/** Maximum wait for what a page or the app shows later. */
export const patience: { timeout: number } = { timeout: 20_000 };

/** Words that make an answer of the app longer than any test takes. */
export const manyWords: string = "word ".repeat(1_000);

/** A page of an example and its app, for the tests of one file. */
export interface Example {
  /**
   * Opens the page in a tab of its own, with its own cookies. The test fails if the page writes warnings or errors to the console.
   */
  open: (size?: { width: number; height: number }, watch?: (tab: Page) => void) => Promise<Page>;
  /** Returns the counts of the app. */
  record: () => Promise<ServerRecord>;
}

/** Options of {@link useExample}. */
export interface UseOptions {
  /** Starts the app. Default: the embedded app server. */
  startApp?: () => Promise<RunningApp>;
  /** Maximum number of milliseconds for the start. Default 60 000. */
  startTimeout?: number;
}

/**
 * Starts the app, the page and a browser before the tests of a file, and stops them afterwards.
 *
 * @param serve - serves the page that calls the app at an address.
 */
export function useExample(serve: (app: string) => Promise<ServedPage>, options: UseOptions = {}): Example {
  const { startApp = startEmbedded, startTimeout = 60_000 } = options;
  let app: RunningApp;
  let page: ServedPage;
  let browser: Browser;
  let client: Client<DemoApi>;
  beforeAll(async () => {
    app = await startApp();
    [page, browser, client] = await Promise.all([serve(app.url), launch(), Client.connect<DemoApi>(app.url)]);
  }, startTimeout);
  afterAll(async () => {
    await client.close();
    await Promise.all([browser.close(), page.stop()]);
    await app.stop();
  });
  return {
    open: async (size = { width: 1280, height: 720 }, watch = () => undefined) => {
      const tab = await browser.newPage({ viewport: size });
      tab.setDefaultTimeout(patience.timeout);
      const complaints: string[] = [];
      tab.on("pageerror", (error) => complaints.push(error.message));
      tab.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      onTestFinished(async () => {
        await tab.close();
        expect(complaints).toEqual([]);
      });
      watch(tab);
      await tab.goto(page.url);
      return tab;
    },
    record: () => client.predict("/record"),
  };
}
