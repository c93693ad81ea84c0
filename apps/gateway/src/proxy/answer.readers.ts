import type { AnswerReader } from './answer.reader.js';
import { CompletionReader } from './completion.reader.js';
import { MessagesReader } from './messages.reader.js';
import type { RelayedText } from './relayed.text.js';
import { ResponsesReader } from './responses.reader.js';

/** Who reads the answers of an endpoint, which is the path after the upstream's base URL. */
export function readerOf(endpoint: string, text: RelayedText): AnswerReader {
  switch (endpoint) {
    case 'responses':
      return new ResponsesReader(text);
    case 'messages':
      return new MessagesReader(text);
    default:
      return new CompletionReader(text);
  }
}

/** Whether an endpoint reports the usage of a stream only where it is asked to. */
export const mustBeAskedForUsage = (endpoint: string): boolean =>
  endpoint === 'chat/completions' || endpoint === 'completions';
