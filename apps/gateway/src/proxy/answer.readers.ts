import type { Endpoint } from '../models/index.js';
import type { AnswerReader } from './answer.reader.js';
import { CompletionReader } from './completion.reader.js';
import { MessagesReader } from './messages.reader.js';
import type { RelayedText } from './relayed.text.js';
import { ResponsesReader } from './responses.reader.js';
import { inputUsageOf, tokenUsageOf } from './usage.parser.js';

/** Who reads the answers of an endpoint. */
export function readerOf({ path, output }: Pick<Endpoint, 'path' | 'output'>, text: RelayedText): AnswerReader {
  switch (path) {
    case 'responses':
    case 'images/generations':
    case 'audio/speech':
    case 'audio/transcriptions':
    case 'audio/translations':
      return new ResponsesReader(text);
    case 'messages':
      return new MessagesReader(text);
    default:
      return new CompletionReader(text, output === 'none' ? inputUsageOf : tokenUsageOf);
  }
}
