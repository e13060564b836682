import { fileURLToPath } from "node:url";
import { Client, InputError } from "#sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../../servers/free-port.ts";
import { startScript } from "../../servers/script.ts";

// A real app that is restarted with its functions in another order. Calls count as made some seconds, or minutes, after the last one.
const SOME_SECONDS = 60_000;
const MINUTES = -1;
const idle = vi.hoisted(() => ({ CERTAIN: -1, RECENT: 0 }));
vi.mock("../../../packages/core/src/protocol/timings.ts", async (original) =>
  Object.defineProperties(
    { ...(await original<object>()) },
    {
      CERTAIN: { get: () => idle.CERTAIN, enumerable: true },
      RECENT: { get: () => idle.RECENT, enumerable: true },
    },
  ),
);

const script = fileURLToPath(new URL("../../gradio/order.py", import.meta.url));

test("calls by name run the functions of their names before and after a redeploy, whenever the last call was", async () => {
  const port = await freePort();
  const start = (order: string): Promise<() => Promise<void>> => startScript(script, port, { ORDER: order });
  const stop = await start("preview remove count");
  const idleTimes = [SOME_SECONDS, MINUTES];
  const clients = await Promise.all(idleTimes.map(() => Client.connect(`http://127.0.0.1:${port}`)));
  onTestFinished(() => void clients.map((client) => client.close()));
  const each = async (check: (client: Client) => Promise<void>): Promise<void> => {
    for (const [at, recent] of idleTimes.entries()) {
      idle.RECENT = recent;
      await check(clients[at]!);
    }
  };
  await each(async (client) => {
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.predict("/remove", { text: "x" })).toBe("removed x");
  });
  await stop();
  await start("count preview");
  await each(async (client) => {
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.submit("/count", ["abc"]).result()).toBe("abc");
    await expect(client.predict("/remove", ["x"])).rejects.toThrow(InputError);
  });
});
