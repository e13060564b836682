/** A request that is not forwarded. The response is JSON with the reason as `detail`. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Additional fields of the response. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    detail: string,
    { headers = {}, fields = {} }: { headers?: Record<string, string>; fields?: Record<string, unknown> } = {},
  ) {
    super(detail);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
    this.fields = fields;
  }

  /** Creates the response. */
  response(): Response {
    const { status, headers, message, fields } = this;
    return Response.json({ detail: message, ...fields }, { status, headers });
  }
}
