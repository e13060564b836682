import type { Fault } from "@gradio-rx/testing";
import { cancel, withState } from "../actions.ts";
import { CANCEL, HEARTBEAT, RETRIED, type Row } from "../row.ts";

const failing: Record<string, Fault> = {
  "500": { answer: { status: 500, body: "Internal Server Error" } },
  reset: { breaks: { at: "answer", how: "reset" } },
  "reset with the request unread": { breaks: { at: "request", how: "reset" } },
  "no answer": { breaks: { at: "answer", how: "stall" } },
};

const silentHeart: Record<string, Fault> = {
  ...failing,
  "404": { answer: { status: 404, body: { detail: "Not Found" } } },
  "closed again and again": { breaks: { at: { ms: 50 }, how: "close" } },
  "a web page": { answer: { body: "<html></html>" } },
};

export const aside: readonly Row[] = [
  ...Object.entries(failing).map(([name, fault]): Row => ({
    family: "cancel",
    name,
    rules: [{ ...CANCEL, times: "always", fault }],
    act: cancel,
    allowed: ["CancelledError"],
    bound: RETRIED,
  })),
  ...Object.entries(silentHeart).map(([name, fault]): Row => ({
    family: "heartbeat",
    name,
    rules: [{ ...HEARTBEAT, times: "always", fault }],
    act: withState,
    allowed: ["right"],
    bound: RETRIED,
    joins: 3,
  })),
];
