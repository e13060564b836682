import { Component, computed, DestroyRef, inject, signal } from "@angular/core";
import { toObservable, toSignal } from "@angular/core/rxjs-interop";
import type { Job } from "@gradio-rx/web";
import { jobState } from "@gradio-rx/web/operators";
import { EMPTY, switchMap } from "rxjs";
import { Gradio } from "./gradio";

/** A call with a progress bar, log messages and a button that stops it at the app. */
@Component({
  selector: "app-training",
  template: `
    <section aria-labelledby="training">
      <h2 id="training">Training</h2>
      <p class="muted">The state of a call with toSignal: progress, messages, result.</p>
      <button type="button" (click)="isPending() ? stop() : start()">{{ isPending() ? "Stop" : "Train" }}</button>
      <p class="muted status" role="status">{{ note() }}</p>
      <progress aria-label="Progress" max="1" [value]="progress()"></progress>
      @if (state()?.error; as error) {
        <p class="failure" role="alert">{{ error.message }}</p>
      }
      <ul class="room" aria-label="Messages" aria-live="polite">
        @for (event of state()?.logs; track $index) {
          <li>{{ event.log }}</li>
        }
      </ul>
    </section>
  `,
})
export class Training {
  readonly #client = inject(Gradio).client;
  readonly #job = signal<Job<string> | undefined>(undefined);

  protected readonly state = toSignal(
    toObservable(this.#job).pipe(switchMap((job) => job?.events$.pipe(jobState()) ?? EMPTY)),
  );
  protected readonly isPending = computed(() => ["pending", "streaming"].includes(this.state()?.phase ?? "idle"));
  protected readonly progress = computed(() => this.state()?.progress ?? 0);
  protected readonly note = computed(() => {
    const state = this.state();
    if (state === undefined) return "";
    if (state.phase === "success") return state.data;
    return state.phase === "cancelled" ? "Stopped." : (state.status?.msg ?? "Waiting …");
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.stop());
  }

  protected start(): void {
    this.#job.set(this.#client.submit("/train", { epochs: 3 }));
  }

  protected stop(): void {
    void this.#job()?.cancel();
  }
}
