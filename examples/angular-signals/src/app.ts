import { Component, inject } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { Gradio } from "./gradio";
import { Search } from "./search";
import { Training } from "./training";

@Component({
  selector: "app-root",
  imports: [Search, Training],
  template: `
    <main>
      <header>
        <h1>Signals of a Gradio app</h1>
        <p class="muted" role="status">Connection: {{ connection() }}</p>
      </header>
      <app-search />
      <app-training />
    </main>
  `,
})
export class App {
  /** State of the event stream, as a signal. */
  protected readonly connection = toSignal(inject(Gradio).client.connection$, { initialValue: "idle" });
}
