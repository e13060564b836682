import { cancel } from "./cancel.ts";
import { errors } from "./errors.ts";
import { growing } from "./growing.ts";
import { picture } from "./picture.ts";
import { prediction } from "./prediction.ts";
import { progress } from "./progress.ts";
import { queue } from "./queue.ts";
import type { Scene } from "./scene.ts";
import { typeAhead } from "./type-ahead.ts";

/** Scenes of the demo in their order. */
export const scenes: readonly Scene[] = [prediction, growing, progress, picture, queue, cancel, errors, typeAhead];
