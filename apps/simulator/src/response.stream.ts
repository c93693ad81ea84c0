import { outputItem, responseObject, textPart, type ResponseDraft } from './response.body.js';
import { STREAM_ERROR, typedEvent, type StreamedAnswer, type StreamEvent } from './stream.event.js';

type Step = readonly [type: string, fields: object, token?: boolean];

function* textSteps(pieces: readonly string[], place: object): Generator<Step> {
  const part = { ...place, content_index: 0 };
  const text = pieces.join('');
  yield ['response.content_part.added', { ...part, part: textPart('') }];
  for (const delta of pieces) yield ['response.output_text.delta', { ...part, delta, logprobs: [] }, true];
  yield ['response.output_text.done', { ...part, text, logprobs: [] }];
  yield ['response.content_part.done', { ...part, part: textPart(text) }];
}

function* callSteps(pieces: readonly string[], place: object, name: string): Generator<Step> {
  for (const delta of pieces) yield ['response.function_call_arguments.delta', { ...place, delta }, true];
  yield ['response.function_call_arguments.done', { ...place, name, arguments: pieces.join('') }];
}

function* steps(draft: ResponseDraft): Generator<Step> {
  const { pieces, tool, finishReason } = draft.choice;
  const begun = outputItem(draft, false);
  const place = { item_id: begun.id, output_index: 0 };
  yield ['response.created', { response: responseObject(draft, false) }];
  yield ['response.in_progress', { response: responseObject(draft, false) }];
  yield ['response.output_item.added', { output_index: 0, item: begun }];
  yield* tool === undefined ? textSteps(pieces, place) : callSteps(pieces, place, tool);
  yield ['response.output_item.done', { output_index: 0, item: outputItem(draft, true) }];
  const end = finishReason === 'length' ? 'response.incomplete' : 'response.completed';
  yield [end, { response: responseObject(draft, true) }];
}

/** The events of a streamed response, numbered, in order. The last one has the usage; there is no `[DONE]`. */
function* responseEvents(draft: ResponseDraft): Generator<StreamEvent> {
  let number = 0;
  for (const [type, fields, token] of steps(draft)) {
    yield typedEvent(type, { sequence_number: number++, ...fields }, token);
  }
}

/** A response in events. */
export function streamedResponse(draft: ResponseDraft): StreamedAnswer {
  const { code, message, param } = STREAM_ERROR.body.error;
  return { events: responseEvents(draft), failure: typedEvent('error', { code, message, param }).text };
}
