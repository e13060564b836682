/** A request that is not passed on. Its answer is JSON with the reason as `detail`. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Further fields of the answer. */
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

  /** The answer. */
  response(): Response {
    const { status, headers, message, fields } = this;
    return Response.json({ detail: message, ...fields }, { status, headers });
  }
}
