/** Audio or video that grows while its generator runs. */
export interface MediaStream {
  /** Pieces in the order in which the function yielded them. */
  pieces: { name: string; content: Blob; seconds: number }[];
  ended: boolean;
}

/** Media streams of one run of an app. */
export interface MediaStreams {
  /** Returns the streams of one job. A stream's name consists of the session, the job and the component. */
  ofJob(sessionHash: string, job: string): JobStreams;
  /** Returns the stream with a name. */
  get(name: string): MediaStream | undefined;
}

/** Media streams of one job. */
export interface JobStreams {
  /** Adds a piece to the stream of a component; returns the stream's name. */
  add(component: number, content: Blob): string;
  /** Marks all streams of the job as ended. */
  end(): void;
}

/** Creates an empty registry. */
export function createMediaStreams(): MediaStreams {
  const streams = new Map<string, MediaStream>();
  return {
    get: (name) => streams.get(name),
    ofJob: (sessionHash, job) => {
      const prefix = `${sessionHash}/${job}/`;
      return {
        add(component, content) {
          const name = `${prefix}${String(component)}`;
          const stream = streams.get(name) ?? { pieces: [], ended: false };
          streams.set(name, stream);
          const ending = content.type.startsWith("video/") ? "ts" : "aac";
          stream.pieces.push({ name: `${crypto.randomUUID()}.${ending}`, content, seconds: 1 });
          return name;
        },
        end() {
          for (const [name, stream] of streams) if (name.startsWith(prefix)) stream.ended = true;
        },
      };
    },
  };
}
