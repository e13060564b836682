// Builds the page of the example react-chat, and the same page with @gradio/client, with every bundler: main.ts [bundler …] Measures
// both in Chromium, and writes the table of sizes.
import { launch } from "../../examples/chromium.ts";
import { serveEmbedded } from "../../demo/embedded.ts";
import { build, type BundlerName, bundlers, type Page } from "./bundlers.ts";
import { type Bytes, visit } from "./measure.ts";
import { makeProject } from "./project.ts";
import { keep, type Sizes, storedSizes } from "./table.ts";

const pages: readonly Page[] = ["gradio-rx", "@gradio/client"];
const all = Object.keys(bundlers) as BundlerName[];
const chosen = process.argv.length > 2 ? all.filter((name) => process.argv.includes(name)) : all;
if (chosen.length === 0) {
  console.error(`bundles [bundler …], with bundlers of ${all.join(", ")}`);
  process.exit(2);
}

const project = await makeProject();
const app = await serveEmbedded();
const browser = await launch();
try {
  for (const name of chosen) {
    const found = new Map<Page, Bytes>();
    for (const page of pages) found.set(page, await measure(name, page));
    const sizes = { ...storedSizes(), [name]: Object.fromEntries(found) };
    keep(Object.fromEntries(all.flatMap((one) => (one in sizes ? [[one, sizes[one]]] : []))) as Sizes);
  }
} finally {
  await browser.close();
  await app.close();
}

async function measure(name: BundlerName, page: Page): Promise<Bytes> {
  const { ended, complaints, dir } = await build(project, name, page);
  if (ended.code !== 0)
    throw new Error(`${name} could not build the page with ${page}:\n${ended.stdout}${ended.stderr}`);
  const { first, whole, complaints: shown } = await visit(browser, dir, app.url, `Please fail, ${page} in ${name}`);
  console.log(`${name}, ${page}: first load ${first} B, whole page ${whole} B`);
  for (const text of [complaints, ...shown]) if (text.trim() !== "") console.log(`  ${text}`);
  return { first, whole };
}
