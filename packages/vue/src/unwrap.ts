import { isRef, toRaw } from "vue";
import { isPlain } from "@gradio-rx/web/controller";

/**
 * Returns a value without refs and reactive proxies, at any depth. Arrays and plain objects are copied, so a watcher that calls this sees
 * every change inside of them; Files and other instances of classes are returned as they are.
 */
export function unwrap(value: unknown): unknown {
  if (isRef(value)) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isPlain(toRaw(value))) return toRaw(value);
  return Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, unwrap(one)]));
}
