import type { ErrorJson, GradioError } from "@gradio-rx/node";

/** Record of an input that succeeded. */
export interface SuccessRecord<T = unknown> {
  key: string;
  /** Final output of the call, as `Client.predict` returns it. */
  result: T;
  error?: undefined;
  input?: undefined;
  /** Number of runs that ended with an outcome: 1, and one more for each failed attempt. */
  attempts: number;
  /** App that ran it, as the option `apps` names it. */
  app: string | null;
  time: Date;
}

/** Record of an input that failed for good, also called a dead letter. */
export interface FailureRecord {
  key: string;
  /** Data of the call; `undefined` where it cannot be written as JSON, such as a Blob. */
  input: unknown;
  error: GradioError;
  result?: undefined;
  /** Number of runs that failed by the input. */
  attempts: number;
  /** App that ran it last; `null` where it was not run. */
  app: string | null;
  time: Date;
}

/** Record of one input. There is one for each key. */
export type BatchRecord<T = unknown> = SuccessRecord<T> | FailureRecord;

/** A record as the stores keep it. */
export interface StoredRecord {
  key: string;
  attempts: number;
  app: string | null;
  /** Milliseconds since 1970. */
  time: number;
  /** Result of a success. */
  result?: unknown;
  /** Error of a failure, as `GradioError.toJSON` returns it. */
  error?: ErrorJson;
  /** Input of a failure, so that it can be retried. */
  input?: unknown;
}
