import type { ServedPage } from "../demo/page.ts";

/** Serves a page that calls the app at an address. */
export type Serve = (app: string) => Promise<ServedPage>;

/** Returns the function that serves an example with Vite. */
const withVite = (name: string) => async (): Promise<Serve> => {
  const { servePage } = await import("../demo/page.ts");
  return (app) => servePage(new URL(`${name}/`, import.meta.url), app);
};

/** The examples that are pages, each loaded when it is chosen. */
export const pages: Record<string, () => Promise<Serve>> = {
  "angular-signals": async () => (await import("./angular-signals/serve.ts")).serve,
  "next-relay": async () => (await import("./next-relay/serve.ts")).serve,
  "plain-page": async () => (await import("./plain-page/serve.ts")).serve,
  "react-chat": withVite("react-chat"),
  "vue-images": withVite("vue-images"),
};
