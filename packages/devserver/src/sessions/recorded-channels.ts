import type { OpenChannels } from "../streams/channels.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/** Channels that write down what goes over them. */
export function recordChannels(open: OpenChannels, recorder: SessionRecorder): OpenChannels {
  return (handlers) => {
    const channels = open({
      stdin(bytes) {
        recorder.stdin(bytes);
        handlers.stdin(bytes);
      },
      stdinEnd() {
        recorder.stdinEnd();
        handlers.stdinEnd();
      },
      resize(width, height) {
        recorder.resize(width, height);
        handlers.resize(width, height);
      },
      drain: handlers.drain,
      gone(cut) {
        recorder.gone();
        handlers.gone(cut);
      },
    });
    return {
      absentStdinEnds: channels.absentStdinEnds,
      send(channel, bytes) {
        recorder.sent(channel, bytes);
        return channels.send(channel, bytes);
      },
      finish(end) {
        recorder.finish(end);
        channels.finish(end);
      },
      pause: channels.pause,
      resume: channels.resume,
    };
  };
}
