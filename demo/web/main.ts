import { Client } from "@gradio-rx/client";
import type { DemoApi } from "../api.ts";
import { describeError } from "../describe-error.ts";
import { scenes } from "../scenes/index.ts";
import { element, find } from "./element.ts";
import { SceneCard } from "./scene-card.ts";

const app = import.meta.env.VITE_GRADIO_APP;
const progress = find("#progress");
const toggle = find("#toggle") as HTMLButtonElement;
const cards = scenes.map((scene, index) => new SceneCard(scene, index));

let client: Client<DemoApi> | undefined;
let playing: AbortController | undefined;
/** Whether the page scrolls to the scene that runs. A user who scrolls ends that. */
let following = false;

find("#app-name").textContent = import.meta.env.VITE_GRADIO_APP_NAME;
find("#app-url").setAttribute("href", app);
find("#app-url").textContent = app;
find("#scenes").append(...cards.map((card) => card.element));

/** Plays some scenes, one after the other, until the button Stop is pressed. */
async function play(chosen: readonly SceneCard[]): Promise<void> {
  if (client === undefined || playing !== undefined) return;
  const { signal } = (playing = new AbortController());
  showButtons();
  for (const card of chosen) card.reset();
  let failures = 0;
  for (const card of chosen) {
    if (signal.aborted) break;
    progress.textContent = `Scene ${card.index + 1} of ${cards.length}`;
    if (following) card.show();
    failures += await card.play(client, signal);
  }
  progress.textContent = signal.aborted ? "Stopped." : failures === 0 ? "Done." : `Failed checks: ${failures}`;
  playing = undefined;
  showButtons();
}

function playAll(): Promise<void> {
  following = true;
  return play(cards);
}

/** Shows which buttons can be pressed. The button at the top keeps its place and the focus. */
function showButtons(): void {
  toggle.disabled = client === undefined;
  toggle.textContent = playing === undefined ? "Run all" : "Stop";
  for (const card of cards) card.button.disabled = client === undefined || playing !== undefined;
}

toggle.addEventListener("click", () => {
  if (playing === undefined) void playAll();
  else playing.abort(new Error("Stopped."));
});
for (const card of cards) card.button.addEventListener("click", () => void play([card]));

for (const type of ["wheel", "touchmove", "keydown"])
  addEventListener(type, () => (following = false), { passive: true });

try {
  client = await Client.connect<DemoApi>(app);
  await playAll();
} catch (error) {
  const { name, message, advice = "" } = describeError(error);
  find("#failure").hidden = false;
  find("#failure").append(element("b", `${name ?? "Error"}: `), `${message} ${advice}`);
  progress.textContent = "Not connected.";
}
