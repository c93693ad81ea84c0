import type { Endpoint } from '../models/index.js';
import type { AnswerReader } from './answer.reader.js';
import { CompletionReader } from './completion.reader.js';
import { MessagesReader } from './messages.reader.js';
import { ModelName } from './model.name.js';
import type { RelayedText } from './relayed.text.js';
import { ResponsesReader } from './responses.reader.js';
import { inputUsageOf, tokenUsageOf } from './usage.parser.js';

/** The reader of an endpoint's answers. @param model as the caller asked for it */
export function readerOf(
  { path, output }: Pick<Endpoint, 'path' | 'output'>,
  text: RelayedText,
  model: string,
): AnswerReader {
  const name = new ModelName(model);
  switch (path) {
    case 'responses':
    case 'images/generations':
    case 'audio/speech':
    case 'audio/transcriptions':
    case 'audio/translations':
      return new ResponsesReader(text, name);
    case 'messages':
      return new MessagesReader(text, name);
    default:
      return new CompletionReader(text, name, output === 'none' ? inputUsageOf : tokenUsageOf);
  }
}
