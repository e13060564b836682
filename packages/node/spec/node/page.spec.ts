import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openSite, until } from "./site.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
});

afterAll(async () => await browser.close());

/** A page of real Chromium. */
async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  return page;
}

/** A PNG of one pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const path = "/api/gradio/me/app/";

test("an image of the app is shown by the site, an SVG as well, and a page of the app's is not opened", async () => {
  const site = await openSite();
  const headers = { "content-type": "image/png" };
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"/>';
  const answer = (type: string, body: string) => ({ answer: { headers: { "content-type": type }, body } });
  site.upstream.add({ path: "/file=a.svg", fault: answer("image/svg+xml", svg) });
  site.upstream.add({ path: "/file=a.html", fault: answer("text/html", "<script>document.title = 'ran'</script>") });
  const page = await open(site.url);
  const width = await page.evaluate(
    async ([target, pixel]) => {
      const form = new FormData();
      const bytes = Uint8Array.from(atob(pixel!), (character) => character.charCodeAt(0));
      form.append("files", new File([bytes], "pixel.png", { type: "image/png" }));
      const [stored] = (await (
        await fetch(`${target}gradio_api/upload`, { method: "POST", body: form })
      ).json()) as string[];
      const shown = async (src: string): Promise<number> => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return image.naturalWidth;
      };
      return [await shown(`${target}gradio_api/file=${stored}`), await shown(`${target}gradio_api/file=a.svg`)];
    },
    [path, PIXEL],
  );
  expect([width, headers["content-type"]]).toEqual([[1, 3], "image/png"]);
  const download = page.waitForEvent("download");
  await page.goto(`${site.appUrl}gradio_api/file=a.html`).catch(() => undefined);
  await download;
  expect(await page.title()).not.toBe("ran");
});

test("a page whose file is too large gets the answer while it still sends", async () => {
  const site = await openSite({ limits: { upload: 100_000 } });
  const page = await open(site.url);
  const answer = await page.evaluate(async (target) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${target}gradio_api/upload`);
    const form = new FormData();
    form.append("files", new File([new Uint8Array(8_000_000)], "large.bin"));
    await new Promise((resolve) => {
      request.onloadend = resolve;
      request.send(form);
    });
    return [request.status, request.responseText];
  }, path);
  expect(answer).toEqual([413, expect.stringContaining("detail")]);
});

test("a page of another site reaches nothing, with or without CORS", async () => {
  const site = await openSite();
  const page = await open(site.url.replace("127.0.0.1", "localhost"));
  const outcome = await page.evaluate(async (target) => {
    const body = JSON.stringify({ data: ["you"], fn_index: 0, session_hash: "abc" });
    const plain = await fetch(target, { method: "POST", body }).then(
      ({ status }) => `answered ${status}`,
      (error: Error) => error.message,
    );
    await fetch(target, { method: "POST", mode: "no-cors", body });
    return plain;
  }, `${site.appUrl}gradio_api/queue/join`);
  expect(outcome).toContain("Failed to fetch");
  expect(site.upstream.requests).toEqual([]);
});

test("a tab that is closed ends its call at the app", async () => {
  const site = await openSite();
  const page = await open(site.url);
  await page.evaluate(async (target) => {
    const config = (await (await fetch(`${target}config`)).json()) as {
      dependencies: { id: number; api_name: string }[];
    };
    const { id } = config.dependencies.find(({ api_name: name }) => name === "write")!;
    const body = JSON.stringify({ data: ["cats"], fn_index: id, session_hash: "abc" });
    await fetch(`${target}gradio_api/queue/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    await fetch(`${target}gradio_api/queue/data?session_hash=abc`);
  }, path);
  await until(() => site.app.running === 1);
  await page.close();
  await until(() => site.app.running === 0 && site.app.openStreams === 0);
});
