import { defineConfig, type UserConfig } from "vitepress";
import llms from "vitepress-plugin-llms";

type Plugins = NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>;

const guide = [
  {
    text: "Start",
    items: [
      { text: "Five minutes", link: "/guide/five-minutes" },
      { text: "Sessions", link: "/guide/sessions" },
      { text: "Jobs and events", link: "/guide/jobs" },
      { text: "Files", link: "/guide/files" },
      { text: "Many calls", link: "/guide/many-calls" },
      { text: "Errors", link: "/guide/errors" },
      { text: "Options", link: "/guide/options" },
    ],
  },
  {
    text: "Front ends",
    items: [
      { text: "RxJS recipes", link: "/guide/rxjs" },
      { text: "React", link: "/guide/react" },
      { text: "Vue", link: "/guide/vue" },
      { text: "Browsers and CORS", link: "/guide/browsers" },
      { text: "Testing without Python", link: "/guide/testing" },
    ],
  },
  {
    text: "Servers and tools",
    items: [
      { text: "Next and other servers", link: "/guide/servers" },
      { text: "Spaces and ZeroGPU", link: "/guide/spaces" },
      { text: "Command line and types", link: "/guide/cli" },
      { text: "Agents", link: "/guide/agents" },
      { text: "Migrating", link: "/guide/migrating" },
    ],
  },
  {
    text: "Project",
    items: [
      { text: "Protocol", link: "/project/PROTOCOL" },
      { text: "Security", link: "/project/SECURITY" },
      { text: "Architecture", link: "/project/ARCHITECTURE" },
      { text: "Faults", link: "/project/FAULTS" },
    ],
  },
];

const api = [
  {
    text: "API",
    items: [
      { text: "Overview", link: "/api/" },
      { text: "@gradio-rx/node", link: "/api/node" },
      { text: "@gradio-rx/node/proxy", link: "/api/proxy" },
      { text: "@gradio-rx/web", link: "/api/web" },
      { text: "@gradio-rx/web/operators", link: "/api/operators" },
      { text: "@gradio-rx/web/query", link: "/api/query" },
      { text: "@gradio-rx/react", link: "/api/react" },
      { text: "@gradio-rx/vue", link: "/api/vue" },
      { text: "@gradio-rx/testing", link: "/api/testing" },
    ],
  },
];

export default defineConfig({
  title: "gradio-rx",
  description: "A TypeScript client for Gradio apps, for browsers and Node.",
  head: [["style", {}, ".vp-doc td { vertical-align: top; }"]],
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
