import { writeJson } from "./config.ts";

/** Returns the app's page. Like Gradio's page it contains the configuration and the API description; it has no controls. */
export function page(config: Record<string, unknown>, info: unknown, appId: string): string {
  const title = String(config["title"]).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${title}</title>
    <script>window.gradio_config = ${escapeTags(writeJson(config, appId))};</script>
    <script>window.gradio_api_info = ${escapeTags(JSON.stringify(info))};</script>
  </head>
  <body>
    <p>This is a test server. It implements Gradio's API and has no page.</p>
  </body>
</html>
`;
}

/** Escapes `<`, because `</script>` within a string would end the script. */
function escapeTags(json: string): string {
  return json.replaceAll("<", String.raw`\u003c`);
}
