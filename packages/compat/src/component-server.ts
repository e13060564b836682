/** Data of a server function of a component that is sent as a form. */
export interface BinaryData {
  binary: true;
  /** Fields of the form. */
  data: Record<string, string | Blob>;
}

/** Whether the data of a server function is to be sent as a form. */
export function isBinary(data: unknown): data is BinaryData {
  return typeof data === "object" && data !== null && "binary" in data;
}

/**
 * Calls a server function of a component with a form.
 *
 * @param send - sends a request to the app.
 * @returns the answer of the function.
 * @throws Error for an answer that is not a success.
 */
export async function callWithForm(
  { data }: BinaryData,
  fields: { component_id: string; fn_name: string; session_hash: string },
  send: (body: FormData) => Promise<Response>,
): Promise<unknown> {
  const body = new FormData();
  for (const [name, value] of Object.entries(data))
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await send(body);
  if (response.ok) return await response.json();
  const { component_id, fn_name } = fields;
  const said = (await response.text()).slice(0, 200);
  throw new Error(`The server function ${fn_name} of component ${component_id} failed (${response.status}): ${said}`);
}
