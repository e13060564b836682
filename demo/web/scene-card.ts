import type { Client } from "@gradio-rx/client";
import type { DemoApi } from "../api.ts";
import { play, type Scene, TIME_LIMIT } from "../scenes/scene.ts";
import { find } from "./element.ts";
import hills from "./hills.png";
import { pageScreen } from "./page-screen.ts";

const LABELS = { waiting: "", running: "running", done: "done", failed: "failed", stopped: "stopped" } as const;

/** A scene in the page: its title, its code, its output, and a button that runs it. */
export class SceneCard {
  readonly element: HTMLElement;
  readonly index: number;
  readonly button: HTMLButtonElement;
  readonly #output: HTMLElement;
  readonly #scene: Scene;

  constructor(scene: Scene, index: number) {
    const template = find("#scene") as HTMLTemplateElement;
    const content = template.content.cloneNode(true) as DocumentFragment;
    this.#scene = scene;
    this.index = index;
    this.element = find(".scene", content);
    this.button = find("button", content) as HTMLButtonElement;
    this.#output = find(".output", content);
    const title = find("h2", content);
    title.textContent = scene.title;
    title.id = `scene-${index + 1}`;
    find("section", content).setAttribute("aria-labelledby", title.id);
    this.button.setAttribute("aria-describedby", title.id);
    find("code", content).textContent = scene.code.join("\n");
    this.#output.style.setProperty("--wide", String(scene.room.wide));
    this.#output.style.setProperty("--narrow", String(scene.room.narrow));
  }

  /** Removes the output. */
  reset(): void {
    this.#output.replaceChildren();
    this.#setState("waiting");
  }

  /** Scrolls the page so far that the scene is visible. */
  show(): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  /** Runs the scene; resolves with the number of failed expectations, of which an error is one. */
  async play(client: Client<DemoApi>, signal: AbortSignal): Promise<number> {
    const screen = pageScreen(this.#output);
    const calls = client.withOptions({ timeout: TIME_LIMIT, signal });
    this.#setState("running");
    try {
      const failures = await play(this.#scene, { client: calls, screen, loadPicture, signal });
      this.#setState(failures === 0 ? "done" : "failed");
      return failures;
    } catch (error) {
      this.#setState(signal.aborted ? "stopped" : "failed");
      if (signal.aborted) return 0;
      screen.error(error);
      return 1;
    }
  }

  #setState(state: keyof typeof LABELS): void {
    this.element.dataset["state"] = state;
    find(".state", this.element).textContent = LABELS[state];
    // Screen readers announce the output when it is complete.
    this.#output.ariaBusy = String(state === "running");
  }
}

async function loadPicture(): Promise<File> {
  const answer = await fetch(hills);
  if (!answer.ok) throw new Error(`The picture was not loaded: HTTP status ${answer.status}.`);
  return new File([await answer.blob()], "hills.png", { type: "image/png" });
}
