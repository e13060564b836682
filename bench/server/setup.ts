import type { Plan } from "./messages.ts";

/** Behaviour of the server for one sample. */
export interface Setup extends Plan {
  /** Whether several events share an HTTP chunk. */
  joined: boolean;
  /** Milliseconds by which each response and each message is delayed. */
  delay: number;
  /** Milliseconds that a job takes. */
  duration: number;
  /** Number of jobs that start together; their events are interleaved. */
  together: number;
  /** Whether the app requires a heartbeat, as an app with state does. */
  heartbeat: boolean;
}

/** Setup of a sample whose scenario does not set anything. */
export const plain: Setup = {
  endpoint: "echo",
  outputs: 1,
  messages: 2,
  megabytes: 1,
  joined: false,
  delay: 0,
  duration: 0,
  together: 1,
  heartbeat: false,
  address: "",
};

/** Counts of the server since its last setup. */
export interface Counts {
  /** Number of requests by method and route, such as `GET /queue/data`. */
  requests: Record<string, number>;
  /** Number of sockets that clients opened. */
  connections: number;
  /** Bytes of uploaded forms. */
  uploaded: number;
}
