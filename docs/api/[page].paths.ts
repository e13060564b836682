import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../.build/api/", import.meta.url);

/** Name of the entry that a page of TypeDoc describes. */
function nameOf(page: string): string {
  if (page === "index") return "API";
  if (page === "proxy") return "@gradio-rx/node/proxy";
  return page === "operators" || page === "query" ? `@gradio-rx/web/${page}` : `@gradio-rx/${page}`;
}

/** Pages of TypeDoc, as VitePress takes the pages of a dynamic route. */
export default {
  paths(): Array<{ params: { page: string }; content: string }> {
    return readdirSync(folder).map((file) => {
      const page = file.replace(/\.md$/, "");
      const text = readFileSync(new URL(file, folder), "utf8");
      return { params: { page }, content: text.replace(/^# .*$/m, `# ${nameOf(page)}`) };
    });
  },
};
