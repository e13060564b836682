import { type BatchProgress, runBatch } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";
import { firstValueFrom } from "rxjs";
import { filter } from "rxjs/operators";
import type { Picture } from "./pictures.ts";
import { startWorker } from "./workers.ts";

/** Input of one picture. The worker reads the file, and uploads it to the copy that runs the input. */
interface Input {
  image: { $file: string };
}

/** Settings of {@link describePictures}. */
export interface PicturesSettings {
  pictures: readonly Picture[];
  folder: string;
  /** Copies of the app. */
  apps: string[];
  redis: string;
  /** Number of worker processes. */
  workers: number;
  onProgress: (progress: BatchProgress) => void;
  /** Called when a worker was killed, with its process id and the number of recorded pictures. */
  onKilled: (pid: number, ended: number) => void;
  /** Options of Node for the workers. */
  nodeOptions?: readonly string[];
}

/** Numbers that were counted after the batch. */
export interface Counted {
  /** Number of records. */
  records: number;
  /** Number of different keys among them. */
  keys: number;
  /** Number of records whose colour is not the one of the picture. */
  wrong: number;
  /** Number of records of each copy. */
  copies: Map<string, number>;
}

/**
 * Finds the colour of each picture with several worker processes. This process only feeds the batch. It kills the first worker when
 * half of the pictures are recorded.
 */
export async function describePictures(settings: PicturesSettings): Promise<Counted> {
  const { pictures, folder, apps, redis, onProgress, onKilled, nodeOptions } = settings;
  const shared = { redis, name: "pictures", lease: 2_000, apps, folder };
  const workers = Array.from({ length: settings.workers }, () => startWorker(shared, nodeOptions));
  const batch = runBatch<string, Input>({
    store: redisStore({ url: redis, name: shared.name, lease: shared.lease }),
    apps,
    endpoint: "/colour",
    inputs: pictures.map(({ name }) => ({ image: { $file: name } })),
    key: ({ image }) => image.$file,
    concurrency: 0,
  });
  batch.progress$.subscribe({ next: onProgress, error: () => undefined });
  try {
    const half = await firstValueFrom(
      batch.progress$.pipe(filter(({ succeeded }) => succeeded * 2 >= pictures.length)),
    );
    const victim = workers.shift()!;
    await victim.kill();
    onKilled(victim.pid, half.succeeded);
    const colours = new Map(pictures.map(({ name, colour }) => [name, colour]));
    const counted: Counted = { records: 0, keys: 0, wrong: 0, copies: new Map() };
    const keys = new Set<string>();
    for await (const { key, result, app } of batch.results()) {
      counted.records++;
      keys.add(key);
      if (result !== colours.get(key)) counted.wrong++;
      counted.copies.set(app!, (counted.copies.get(app!) ?? 0) + 1);
    }
    return { ...counted, keys: keys.size };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await batch.close();
  }
}
