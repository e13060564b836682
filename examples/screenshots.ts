import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { startEmbedded } from "../demo/app.ts";
import { launch } from "./chromium.ts";
import { pages } from "./pages.ts";
import { landscape } from "./pictures.ts";

const sizes = { phone: { width: 390, height: 720 }, desktop: { width: 1280, height: 720 } };

/** Actions of a user before the picture of an example is taken. */
const actions: Record<string, (page: Page) => Promise<void>> = {
  "angular-signals": async (page) => {
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByText("After epoch 2").waitFor();
    await page.getByLabel("Fruit").fill("berry");
    await page.getByText("raspberry").waitFor();
  },
  "next-relay": async (page) => {
    for (const note of ["Buy tea", "Boil water"]) {
      await page.getByLabel("Note", { exact: true }).fill(note);
      await page.getByRole("button", { name: "Add" }).click();
      await page.getByText(note).waitFor();
    }
    await page.getByLabel("Choose a picture").setInputFiles(await landscape("lake.png", 200));
    await page.getByAltText("without its colours").evaluate((element: HTMLImageElement) => element.decode());
    await page.getByLabel("Message").press("Enter");
    await page.getByText("at once.").waitFor();
  },
  "plain-page": async (page) => {
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("at once.").waitFor();
  },
  "react-chat": async (page) => {
    const message = page.getByLabel("Message");
    await message.fill("Hello");
    await message.press("Enter");
    await page.getByText("to see an error.").waitFor();
    await message.fill("Please fail");
    await message.press("Enter");
    await page.getByRole("alert").waitFor();
    await message.fill("One more question");
  },
  "vue-images": async (page) => {
    const names = ["lake.png", "meadow.png", "desert.png", "night.png"];
    const files = await Promise.all(names.map((name, index) => landscape(name, 30 + 90 * index)));
    await page.getByLabel("Add pictures").setInputFiles(files);
    await page.getByText("Done").waitFor();
    await page.getByAltText("without colours").evaluate((element: HTMLImageElement) => element.decode());
    await page.waitForTimeout(900);
  },
};

/** Takes pictures of an example at two widths, in light and dark, into its folder `screenshots`. */
async function take(name: string): Promise<void> {
  const folder = fileURLToPath(new URL(`${name}/screenshots`, import.meta.url));
  await mkdir(folder, { recursive: true });
  const browser = await launch();
  try {
    for (const [size, viewport] of Object.entries(sizes))
      for (const colorScheme of ["light", "dark"] as const) {
        const tab = await browser.newPage({ viewport, colorScheme });
        tab.setDefaultTimeout(120_000); // a development server compiles a page when it is asked for it
        await takeOne(name, tab, `${folder}/${size}-${colorScheme}.png`);
      }
  } finally {
    await browser.close();
  }
}

/** Takes a picture, with an app of its own. */
async function takeOne(name: string, tab: Page, path: string): Promise<void> {
  const serve = await pages[name]!();
  const app = await startEmbedded();
  try {
    const page = await serve(app.url);
    try {
      await tab.goto(page.url);
      await actions[name]!(tab);
      await tab.screenshot({ path, animations: "disabled" });
    } finally {
      await tab.close();
      await page.stop();
    }
  } finally {
    await app.stop();
  }
}

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(actions)) await take(name);
