/** The Hub's page around the page of a Space: it sends headers for calls to the frame that asks for them (PROTOCOL.md, 1.8). */
export function hubPage(frame: string): string {
  return `<!doctype html><iframe></iframe><script>
    const frame = document.querySelector("iframe");
    addEventListener("message", ({ data, source, origin, ports }) => {
      if (source !== frame.contentWindow) return;
      if (data === "supports-zerogpu-headers") source.postMessage(data, origin);
      if (data === "zerogpu-headers") ports[0].postMessage({ "x-zerogpu-token": "visitor of " + origin });
    });
    frame.src = ${JSON.stringify(frame)};
  </script>`;
}

/** The page of a Space: it calls an app with the SDK, and reports the headers that were sent to the top page. */
export function spacePage(query: URLSearchParams): string {
  const given = JSON.stringify(Object.fromEntries(query));
  return `<!doctype html><script type="module">
    const { sdk, app, hubUrl } = ${given};
    // Vitest's server replaces dynamic imports in the modules that it serves; this page does not belong to its tests.
    globalThis.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() };
    const tell = (seen) => top.postMessage({ seen }, "*");
    try {
      const { Client } = await import(sdk);
      const client = await Client.connect(app, { hubUrl });
      tell((await client.predict("/headers", ["x-zerogpu-token"])).headers);
      await client.close();
    } catch (error) {
      tell(String(error));
    }
  </script>`;
}
