import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client, InputError } from "#sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { stopProcess, waitForOutput } from "../../../demo/child.ts";
import { freePort } from "../../servers/free-port.ts";

// A real app that is restarted with its functions in another order. Calls count as made some seconds, or minutes, after the last one.
const idle = vi.hoisted(() => ({ CERTAIN: -1, RECENT: 60_000 }));
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

/** Starts the app at a free port. `restart` replaces it by one with other functions. */
async function deploy(order: string) {
  const port = await freePort();
  const start = async (functions: string) => {
    const env = { ...process.env, ORDER: functions, GRADIO_ANALYTICS_ENABLED: "False" };
    const child = spawn(process.env["GRADIO_PYTHON"]!, [script, "--port", String(port)], { env });
    onTestFinished(() => stopProcess(child));
    const describeFailure = (reason: string, output: string): string => `The app did not start: ${reason}\n${output}`;
    const [url] = await waitForOutput(child, /ready (\S+)/, { describe: describeFailure });
    return { url: url!, child };
  };
  const first = await start(order);
  return {
    url: first.url,
    restart: async (functions: string) => {
      await stopProcess(first.child);
      await start(functions);
    },
  };
}

test("calls by name run the functions of their names before and after a redeploy, whenever the last call was", async () => {
  const app = await deploy("preview remove count");
  const idleTimes = { "some seconds": 60_000, minutes: -1 };
  const clients = await Promise.all(Object.values(idleTimes).map(() => Client.connect(app.url)));
  onTestFinished(() => void clients.map((client) => client.close()));
  const each = async (check: (client: Client) => Promise<void>): Promise<void> => {
    for (const [at, recent] of Object.values(idleTimes).entries()) {
      idle.RECENT = recent;
      await check(clients[at]!);
    }
  };
  await each(async (client) => {
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.predict("/remove", { text: "x" })).toBe("removed x");
  });
  await app.restart("count preview");
  await each(async (client) => {
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.submit("/count", ["abc"]).result()).toBe("abc");
    await expect(client.predict("/remove", ["x"])).rejects.toThrow(InputError);
  });
});
