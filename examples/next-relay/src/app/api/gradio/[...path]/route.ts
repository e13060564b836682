import { gradioProxy } from "@gradio-rx/node/proxy";
import { app, token } from "../../../../lib/app";

/** Passes the calls of pages on to one endpoint of the app, with the token of the server. */
const handler = gradioProxy({
  apps: { pictures: { app, endpoints: ["/grey"], ...(token !== undefined && { token }) } },
});

export { handler as GET, handler as POST };
