import { defineConfig, type UserConfig } from "vitepress";
import llms from "vitepress-plugin-llms";

type Plugins = NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>;

/** Returns a part of a sidebar: the pages of a folder, by the names of their files. */
const section = (text: string, folder: string, pages: Readonly<Record<string, string>>) => ({
  text,
  items: Object.entries(pages).map(([name, title]) => ({ text: title, link: `/${folder}/${name}` })),
});

const guide = [
  section("Start", "guide", {
    "five-minutes": "Five minutes",
    sessions: "Sessions",
    jobs: "Jobs and events",
    files: "Files",
    "many-calls": "Many calls",
    batches: "Batches over many processes",
    errors: "Errors",
    reliability: "Reliability",
    performance: "Performance",
    options: "Options",
  }),
  section("Front ends", "guide", {
    rxjs: "RxJS recipes",
    react: "React",
    vue: "Vue",
    browsers: "Browsers and CORS",
    bundlers: "Bundlers and sizes",
    testing: "Testing without Python",
  }),
  section("Servers and tools", "guide", {
    servers: "Next and other servers",
    spaces: "Spaces and ZeroGPU",
    cli: "Command line and types",
    agents: "Agents",
    migrating: "Migrating",
  }),
  section("Project", "project", {
    PROTOCOL: "Protocol",
    SECURITY: "Security",
    ARCHITECTURE: "Architecture",
    FAULTS: "Faults",
    BENCH: "Benchmarks",
    CHANGELOG: "Changelog",
  }),
];

const api = [
  section("API", "api", {
    "": "Overview",
    node: "@gradio-rx/node",
    proxy: "@gradio-rx/node/proxy",
    web: "@gradio-rx/web",
    operators: "@gradio-rx/web/operators",
    query: "@gradio-rx/web/query",
    react: "@gradio-rx/react",
    vue: "@gradio-rx/vue",
    testing: "@gradio-rx/testing",
    batch: "@gradio-rx/batch",
    compat: "@gradio-rx/compat",
  }),
];

export default defineConfig({
  title: "gradio-rx",
  description: "A TypeScript client for Gradio apps, for browsers and Node.",
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: "/favicon.svg" }],
    ["style", {}, ".vp-doc td { vertical-align: top; }"],
  ],
  cacheDir: "../.cache/vitepress",
  cleanUrls: true,
  srcExclude: ["README.md", "samples/**"],
  vite: {
    // The types of the plugin are those of another version of Vite.
    plugins: llms({
      ignoreFiles: ["api/**"],
      sidebar: guide,
      generateLLMFriendlyDocsForEachPage: false,
      injectLLMHint: false,
    }) as unknown as Plugins,
    build: { chunkSizeWarningLimit: 2_000 },
  },
  themeConfig: {
    logo: "/favicon.svg",
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/guide/five-minutes", activeMatch: "/guide/" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      { text: "Protocol", link: "/project/PROTOCOL" },
    ],
    sidebar: { "/guide/": guide, "/project/": guide, "/api/": api },
  },
});
