import type { Plan } from "./messages.ts";

/** How the server behaves for one sample. */
export interface Setup extends Plan {
  /** Whether events share HTTP chunks. */
  joined: boolean;
  /** Milliseconds that each answer, and each message, is late. */
  delay: number;
  /** Milliseconds that a job takes. */
  duration: number;
  /** How many jobs start together, their events in turn. */
  together: number;
  /** Whether the app asks for a heartbeat, as one with state does. */
  heartbeat: boolean;
}

/** What a sample gets where its scenario does not say. */
export const plain: Setup = {
  endpoint: "echo",
  outputs: 1,
  megabytes: 1,
  joined: false,
  delay: 0,
  duration: 0,
  together: 1,
  heartbeat: false,
  address: "",
};

/** What the server has seen since its last setup. */
export interface Counts {
  /** By method and route, `GET /queue/data`. */
  requests: Record<string, number>;
  /** Sockets that clients opened. */
  connections: number;
  /** Bytes of uploaded forms. */
  uploaded: number;
}
