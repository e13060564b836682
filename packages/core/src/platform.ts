import { connect, type Connection, type CoreConnectOptions } from "./connection.ts";
import { Engine } from "./engine.ts";
import { fetchTransport } from "./http/web-transport.ts";
import { checkOptions, type ConnectOptions, connectOptions, type OptionTable } from "./options.ts";
import { followSignals } from "./timers.ts";

// For the authors of a client for another platform, and of a transport: `@gradio-rx/core/platform`.
export {
  connect,
  type Connection,
  type CoreConnectOptions,
  duplicate,
  type JoinTarget,
  type Platform,
  type SaveFile,
} from "./connection.ts";
export { type Connect, Engine } from "./engine.ts";
export { loadPart } from "./load.ts";
export { askCaller } from "./http/credentials.ts";
export { cookieSecrets } from "./http/secrets.ts";
export { fetchTransport, socketTransport, uploadForm } from "./http/web-transport.ts";
export type { DuplicateOptions } from "./app/duplicate.ts";
export { hasFields, isPositive, type OptionTable } from "./options.ts";
export type { OutputFileLimits } from "./data/read.ts";
export type { OpenedFile } from "./data/downloads.ts";
export type {
  ByteReader,
  ByteSource,
  HeaderFields,
  Transport,
  TransportRequest,
  TransportResponse,
  Upload,
  UploadFile,
} from "./transport.ts";

/** Connects with the transport and the other parts of a platform in the options. */
export async function connectCore(app: unknown, options: CoreConnectOptions): Promise<Engine> {
  const { transport, localFile, saveFile, outputFileLimits, onAddress, joinHeaders, claimName, secrets, ...rest } =
    options;
  const sender = rest.fetch ? { ...transport, ...fetchTransport(rest.fetch) } : transport;
  const own = { localFile, saveFile, outputFileLimits, onAddress, joinHeaders, claimName, secrets };
  return new Engine(await connect(app, rest, { ...own, transport: sender }));
}

/**
 * Creates the working part of a client that connects with its first call, and tries again with the next call where that failed.
 *
 * @param options - as the caller passed them. They are checked with the first call, which reports what is wrong.
 * @param own - checks of the options that the platform adds.
 * @param open - connects with the given options, whose signal is also aborted when the client closes.
 */
export function lazyEngine<Options extends ConnectOptions>(
  options: Options,
  own: OptionTable,
  open: (options: Options) => Promise<Connection>,
): Engine {
  return new Engine(async (closed) => {
    checkOptions("lazyClient", options, { ...connectOptions, ...own });
    const { signal, release } = followSignals([options.signal, closed]);
    try {
      return await open({ ...options, signal });
    } finally {
      release();
    }
  });
}
