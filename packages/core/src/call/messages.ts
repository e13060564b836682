import type { ProtocolMessage } from "../protocol/protocol.ts";

/** One message of a call in the pipeline: those of the protocol, and the ones that the stages before and around it add. */
export type CallMessage =
  | ProtocolMessage
  /** Files are being uploaded: bytes sent so far, and in all; `Infinity` while the length of a stream is unknown. */
  | { kind: "uploading"; files: number; sent: number; total: number }
  /** The run was lost, and the call is sent again. */
  | { kind: "resubmitted" }
  /** The app's queue was full, and the call is sent again. */
  | { kind: "queue_full" };
