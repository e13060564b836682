import { fileStore } from "../../src/store/file-store.ts";
import type { OpenStore, Store, Task } from "../../src/store/store.ts";
import type { ModelProcess, World } from "./world.ts";

/** Returns a file store whose commands are steps of a process of the model. When the process is killed, its lock ends. */
export function portedFile(path: string, process: ModelProcess, world: World): Store {
  return {
    open: async (options) => {
      const store = await fileStore(path).open(options);
      process.onKilled = () => void store.close();
      return ported(store, process, world);
    },
  };
}

function ported(store: OpenStore, process: ModelProcess, world: World): OpenStore {
  const command = async <T>(work: () => Promise<T>): Promise<T> =>
    await world.command(process, null, () => {
      const answer = work();
      // Its answer may arrive later, or never.
      answer.catch(() => undefined);
      return answer;
    });
  const glance = <T>(work: () => Promise<T>): Promise<T> => world.glance(process, world.outage, work) as Promise<T>;
  return {
    isShared: store.isShared,
    begin: (rules) => command(() => store.begin(rules)),
    rules: () => command(() => store.rules()),
    recorded: (keys) => command(() => store.recorded(keys)),
    add: (tasks) => command(() => store.add(tasks)),
    ask: (key) => command(() => store.ask(key)),
    setTries: (key, tries) => command(() => store.setTries(key, tries)),
    record: (record) => command(() => store.record(record)),
    read: (after, limit) => command(() => store.read(after, limit)),
    counts: () => glance(() => store.counts()),
    retry: (keys) => command(() => store.retry(keys)),
    retried: async function* () {
      yield* await command(() => groupsOf(store));
    },
    setPaused: (paused) => command(() => store.setPaused(paused)),
    isPaused: () => glance(() => store.isPaused()),
    onReconnect: (listener) => store.onReconnect(listener),
    close: () => store.close(),
    consume: (handle, options) =>
      store.consume(async (task) => {
        process.taken.add(task.key);
        const handled = await handle(task);
        process.taken.delete(task.key);
        return handled;
      }, options),
  };
}

async function groupsOf(store: OpenStore): Promise<Task[][]> {
  const groups: Task[][] = [];
  for await (const group of store.retried()) groups.push(group);
  return groups;
}
