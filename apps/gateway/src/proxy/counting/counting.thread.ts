import { Worker } from 'node:worker_threads';
import type { CountReply } from './count.message.js';
import type { CountingThread, ThreadEvents } from './token-counter.js';

const ENTRY = new URL('./token-counter.worker.js', import.meta.url);

/** Two vocabularies are about 100 MB; a prompt that takes more than the rest ends the thread and not the process. */
const LIMITS = { maxOldGenerationSizeMb: 512 };

/** Opens a thread that counts. It does not keep the process alive. */
export function openCountingThread(events: ThreadEvents): CountingThread {
  const worker = new Worker(ENTRY, { resourceLimits: LIMITS, name: 'token-counter' });
  worker.unref();
  worker.on('message', (reply: CountReply) => events.reply(reply));
  worker.on('error', error => events.gone(error.message));
  worker.on('exit', code => events.gone(`exit code ${code}`));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    end: () => void worker.terminate(),
  };
}
