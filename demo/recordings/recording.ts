/** One command of a recording. */
export interface RecordedCommand {
  /** The command as it is shown. A backslash at the end of a line continues it. */
  shown: string;
  /** Arguments of the program. */
  args: readonly string[];
  /** Output at which Ctrl-C is pressed. */
  interruptAt?: RegExp;
}

/** Commands that are recorded, and the apps that they call. */
export interface Recording {
  commands: readonly RecordedCommand[];
  /** Working folder of the commands. */
  cwd: string;
  close(): Promise<void>;
}
