import type { Client, StatusEvent } from "@gradio-rx/node";
import { drawBars } from "./bars.ts";
import { formatLog } from "./format.ts";
import { columns, LiveLines, paint, print } from "./terminal.ts";
import { clip, stripControls, wrap } from "./text.ts";

/** Prints the endpoints of an app. */
export function listEndpoints(client: Client): void {
  const { title, version, url } = client.app;
  print(
    paint("bold", stripControls(title ?? url)),
    paint("dim", `Gradio ${stripControls(version)} at ${url}`),
    "",
    stripControls(client.viewApi()),
  );
}

/** Calls an endpoint of any app. Shows its status in one line, its output below, and its messages above. */
export async function callEndpoint(
  client: Client,
  endpoint: string | number,
  data: readonly unknown[] | object,
): Promise<void> {
  const live = new LiveLines();
  let status: StatusEvent | undefined;
  let latest: string[] = [];
  const redraw = (): void => {
    if (!status) return;
    const bars = status.progressData === null ? [] : drawBars(status.progressData, columns());
    live.draw([`${paint("yellow", "●")} ${stripControls(status.msg)}`, ...bars, ...latest]);
  };
  const job = client.submit(endpoint, data, {
    onStatus: (event) => {
      status = event;
      redraw();
      if (event.success === null)
        live.note(`● ${stripControls(event.msg)}`, event.stage === "generating" ? Infinity : 300);
    },
    onLog: (event) => live.print(formatLog(event)),
    onData: (event) => {
      latest = show(event.data);
      redraw();
      if (!event.final) live.note(clip(`  ${latest.map((line) => line.trim()).join(" ")}`, columns()));
    },
  });
  try {
    const result = await job.result();
    live.end([paint("green", "✓ Complete"), ...show(result)]);
  } catch (error) {
    live.end([]);
    throw error;
  }
}

function show(value: unknown): string[] {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return wrap(stripControls(text), columns() - 1);
}
