import { emptyBlock, messageHead, messageUsage, stopOf, type MessageDraft } from './message.body.js';
import { STREAM_ERROR, typedEvent, type StreamedAnswer, type StreamEvent } from './stream.event.js';

/** The events of a streamed message, in order. The input is reported at the start, the whole output near the end. */
function* messageEvents(draft: MessageDraft): Generator<StreamEvent> {
  const { choice, withUsage } = draft;
  const begun = withUsage ? { usage: messageUsage(draft, Math.min(1, choice.pieces.length)) } : {};
  yield typedEvent('message_start', { message: { ...messageHead(draft), ...begun } });
  yield typedEvent('content_block_start', { index: 0, content_block: emptyBlock(draft) });
  yield typedEvent('ping', {});
  for (const piece of choice.pieces) {
    const delta =
      choice.tool === undefined
        ? { type: 'text_delta', text: piece }
        : { type: 'input_json_delta', partial_json: piece };
    yield typedEvent('content_block_delta', { index: 0, delta }, true);
  }
  yield typedEvent('content_block_stop', { index: 0 });
  const ended = withUsage ? { usage: { output_tokens: choice.pieces.length } } : {};
  yield typedEvent('message_delta', { delta: stopOf(choice), ...ended });
  yield typedEvent('message_stop', {});
}

/** A message in events. */
export function streamedMessage(draft: MessageDraft): StreamedAnswer {
  return { events: messageEvents(draft), failure: typedEvent('error', STREAM_ERROR.anthropicBody).text };
}
