import { Client, type NodeConnectOptions } from "@gradio-rx/node";

/** Connects to a Space. Options of tests replace the Hub. */
export async function connectSpace(test: NodeConnectOptions, show: (text: string) => void): Promise<Client> {
  const token = "hf_sample";
  // #region connect
  const options: NodeConnectOptions = {
    token, // for a private Space; sent to the Hub and the Space only
    onSpaceStatus: ({ message }) => show(message), // "The Space owner/name is being built (BUILDING)."
    spaceTimeout: 120_000,
  };
  // #endregion connect
  return await Client.connect("owner/name", { ...options, ...test });
}
