import { writeJson } from "./config.ts";

/** The app's page. It carries configuration and API description as the real one does; there is nothing to click. */
export function page(config: Record<string, unknown>, info: unknown, appId: string): string {
  const title = String(config["title"]).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${title}</title>
    <script>window.gradio_config = ${safe(writeJson(config, appId))};</script>
    <script>window.gradio_api_info = ${safe(JSON.stringify(info))};</script>
  </head>
  <body>
    <p>This is a test server: it speaks Gradio's API and has no page.</p>
  </body>
</html>
`;
}

/** A closing script tag within a string would end the script. */
function safe(json: string): string {
  return json.replaceAll("<", String.raw`\u003c`);
}
