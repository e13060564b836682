/** A sound or a film that grows while its generator runs. */
export interface MediaStream {
  /** The pieces as the function gave them, by name. */
  pieces: { name: string; content: Blob; seconds: number }[];
  ended: boolean;
}

/** The media streams of one run of an app. */
export interface MediaStreams {
  /** The streams of one job: each named by the session, the job, and the component that it is for. */
  ofJob(sessionHash: string, job: string): JobStreams;
  /** The stream of that name. */
  get(name: string): MediaStream | undefined;
}

/** What one job streams. */
export interface JobStreams {
  /** Adds a piece to what a component streams; gives the stream's name. */
  add(component: number, content: Blob): string;
  /** Nothing more will come. */
  end(): void;
}

/** Starts with none. */
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
