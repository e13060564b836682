import "server-only";

/** URL or Space id of the app. */
export const app: string = process.env["GRADIO_APP"] ?? "owner/name";

/** Token for a private Space. It stays in the server. */
export const token: string | undefined = process.env["GRADIO_TOKEN"];
