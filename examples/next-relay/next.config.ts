import { join } from "node:path";
import type { NextConfig } from "next";

/** Folder of the workspace, which contains the packages of the SDK. */
const root = join(import.meta.dirname, "../..");

const config: NextConfig = {
  reactStrictMode: true,
  devIndicators: false,
  // Not bundled: it reads and writes files at paths that are known at run time.
  serverExternalPackages: ["@gradio-rx/node"],
  turbopack: { root },
  outputFileTracingRoot: root,
};

export default config;
