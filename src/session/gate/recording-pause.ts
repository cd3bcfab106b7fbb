/** Waiting for a recording that failed to work again. */
import type { GateRecorder } from './collaborators.ts';

/** Resolves at once while all is well, else when the disk is back or when `ended` aborts. */
export async function whenRecording(recorder: GateRecorder, ended: AbortSignal): Promise<void> {
  if (recorder.failure === null || ended.aborted) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      stop();
      ended.removeEventListener('abort', finish);
      resolve();
    };
    const stop = recorder.onRecovered(finish);
    ended.addEventListener('abort', finish);
  });
}
