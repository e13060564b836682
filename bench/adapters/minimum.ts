// The floor: a minimal hand-written client without status, errors or options.

/** Duties that a client may have beyond the minimum. */
export interface Duties {
  /** Parses JSON from an untrusted source. */
  parse: (text: string) => unknown;
  /** Returns the value to hand out for an output, and keeps it for late readers. */
  event: (value: unknown, outputs: readonly unknown[], endpoint: string, id: string) => { data: unknown };
}

type Edit = [operation: string, path: (string | number)[], value: unknown];
type Message = { msg: string; event_id: string; output: { data: unknown[] } };
type Take = (message: Message) => void;

/** Connects to an app. */
export async function minimum(url: string, duties?: Duties) {
  const parse = duties?.parse ?? JSON.parse;
  const api = `${url}/gradio_api`;
  const json = async (path: string, init?: RequestInit) => (await fetch(path, init)).json();
  const [{ dependencies }] = await Promise.all([json(`${url}/config`), json(`${api}/info`)]);
  const index = new Map<string, number>(
    dependencies.map((one: { api_name: string; id: number }) => [`/${one.api_name}`, one.id]),
  );
  const hash = Math.random().toString(36).slice(2);
  const jobs = new Map<string, Take>();
  const early = new Map<string, Message[]>();
  const ended = new AbortController();
  let listening = false;

  async function listen(): Promise<void> {
    listening = true;
    const { body } = await fetch(`${api}/queue/data?session_hash=${hash}`, { signal: ended.signal });
    const reader = body!.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const text = decoder.decode(read.value, { stream: true });
      let from = 0;
      for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
        const line = rest + text.slice(from, to);
        rest = "";
        from = to + 1;
        if (line.startsWith("data: ")) take(parse(line.slice(6)) as Message);
      }
      rest += text.slice(from);
    }
    listening = false;
    if (jobs.size > 0) await listen();
  }

  function take(message: Message): void {
    const job = jobs.get(message.event_id);
    if (job) job(message);
    else if (message.event_id) early.set(message.event_id, [...(early.get(message.event_id) ?? []), message]);
  }

  async function stream(endpoint: string, data: readonly unknown[], onValue: (value: unknown) => void): Promise<void> {
    const body = JSON.stringify({ data, fn_index: index.get(endpoint), session_hash: hash });
    const headers = { "content-type": "application/json" };
    const { event_id: id } = await json(`${api}/queue/join`, { method: "POST", headers, body });
    let last: unknown[] | null = null;
    const remembered: unknown[] = [];
    const give = (outputs: unknown[]): void => {
      if (!duties) return onValue(outputs[0]);
      const event = duties.event(outputs[0], outputs, endpoint, id);
      remembered.push(event);
      onValue(event.data);
    };
    await new Promise<void>((resolve) => {
      const job: Take = ({ msg, output }) => {
        if (msg === "process_generating") {
          last = last ? last.map((value, at) => (output.data[at] as Edit[]).reduce(edited, value)) : output.data;
          give(last);
        } else if (msg === "process_completed") {
          if (!last) give(output.data);
          jobs.delete(id);
          resolve();
        }
      };
      jobs.set(id, job);
      early.get(id)?.forEach(job);
      early.delete(id);
      if (!listening && jobs.has(id)) void listen();
    });
  }

  async function predict(endpoint: string, data: readonly unknown[]): Promise<unknown> {
    let result: unknown;
    await stream(endpoint, data, (value) => (result = value));
    return result;
  }

  return { predict, stream, close: async () => ended.abort() };
}

/** Returns a value after one edit. Copies the value along the path of the edit. */
function edited(value: unknown, [operation, path, given]: Edit): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return operation === "append" ? `${value as string}${given as string}` : given;
  const copy = (Array.isArray(value) ? value.slice() : { ...(value as object) }) as Record<string | number, unknown>;
  if (operation !== "delete" || rest.length > 0) copy[key] = edited(copy[key], [operation, rest, given]);
  else if (Array.isArray(copy)) copy.pop();
  else delete copy[key];
  return copy;
}

/** Functions of the minimum. */
export type Minimum = Awaited<ReturnType<typeof minimum>>;
