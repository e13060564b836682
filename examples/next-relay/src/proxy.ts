import { type NextRequest, NextResponse } from "next/server";

/** Gives each visitor an id that cannot be guessed, in a cookie that scripts cannot read. */
export function proxy(request: NextRequest): NextResponse {
  if (request.cookies.has("visitor")) return NextResponse.next();
  const id = crypto.randomUUID();
  request.cookies.set("visitor", id); // this request has it already
  const response = NextResponse.next({ request: { headers: request.headers } });
  response.cookies.set("visitor", id, {
    httpOnly: true,
    sameSite: "lax",
    secure: request.nextUrl.protocol === "https:",
    path: "/",
  });
  return response;
}

export const config = { matcher: "/((?!_next/|api/gradio/).*)" };
