import type { Change } from "./change.ts";
import type { Inference } from "./infer.ts";
import type { Source } from "./parse.ts";

/** Package that a program is migrated to. */
export type Target = "@gradio-rx/client" | "@gradio-rx/node" | "@gradio-rx/web";

/** Settings of a migration. */
export interface Settings {
  target: Target;
  /** Number of outputs of each endpoint of the app, by name without slash and by index; `null` where no app was given. */
  outputs: ReadonlyMap<string, number> | null;
}

/** Everything that a rule needs to change one file. */
export interface Context extends Settings {
  source: Source;
  inference: Inference;
  change: Change;
}
