import { readFile } from "node:fs/promises";
import type { Client } from "@gradio-rx/node";
import type { DemoApi } from "./api.ts";
import { scenes } from "./scenes/index.ts";
import { play, TIME_LIMIT } from "./scenes/scene.ts";
import { terminalScreen } from "./terminal-screen.ts";
import { paint, paragraph, print } from "./terminal.ts";

/** Plays all scenes on the terminal, one after the other; resolves with the number of failed expectations. */
export async function playScenes(client: Client<DemoApi>, signal: AbortSignal): Promise<number> {
  const services = {
    client: client.withOptions({ timeout: TIME_LIMIT }),
    screen: terminalScreen(),
    loadPicture,
    signal,
  };
  let failures = 0;
  for (const [index, scene] of scenes.entries()) {
    const code = scene.code.map((line) => paint("cyan", `   ${line}`));
    print("", ...paragraph(`${index + 1}  ${scene.title}`, "bold"), ...code, "");
    failures += await play(scene, services);
  }
  return failures;
}

async function loadPicture(): Promise<File> {
  const bytes = await readFile(new URL("web/hills.png", import.meta.url));
  return new File([bytes], "hills.png", { type: "image/png" });
}
