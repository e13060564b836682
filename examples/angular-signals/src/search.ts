import { Component, debounced, inject, linkedSignal, signal } from "@angular/core";
import { rxResource } from "@angular/core/rxjs-interop";
import { jobState } from "@gradio-rx/web/operators";
import { Gradio } from "./gradio";

/** A search with each key. Another text cancels the search before it at the app. */
@Component({
  selector: "app-search",
  template: `
    <section aria-labelledby="search">
      <h2 id="search">Search</h2>
      <p class="muted">An rxResource. A new text cancels the call before it at the app.</p>
      <input
        type="search"
        aria-label="Fruit"
        placeholder="Fruit, such as “blu”"
        autocomplete="off"
        [value]="query()"
        (input)="query.set($any($event.target).value)"
      />
      <p class="muted status" role="status">
        @switch (call.value()?.phase) {
          @case ("pending") {
            Searching …
          }
          @case ("streaming") {
            Searching …
          }
          @case ("success") {
            Found: {{ found().length }}
          }
        }
      </p>
      @if (call.value()?.error; as error) {
        <p class="failure" role="alert">{{ error.message }}</p>
      }
      <ul class="room results" aria-label="Found">
        @for (fruit of found(); track fruit) {
          <li>{{ fruit }}</li>
        }
      </ul>
    </section>
  `,
})
export class Search {
  readonly #client = inject(Gradio).client;
  protected readonly query = signal("");
  readonly #settled = debounced(this.query, 150);

  /** The state of the newest call. Without a text there is no call. */
  protected readonly call = rxResource({
    params: () => this.#settled.value().trim() || undefined,
    stream: ({ params: query }) => this.#client.observe("/search", { query }).pipe(jobState()),
  });

  /** The newest results. Those of the call before stay until this call has some, so that the list does not flicker. */
  protected readonly found = linkedSignal<{ isIdle: boolean; data: string[] | undefined }, string[]>({
    source: () => ({ isIdle: this.call.status() === "idle", data: this.call.value()?.data }),
    computation: ({ isIdle, data }, previous) => (isIdle ? [] : (data ?? previous?.value ?? [])),
  });
}
