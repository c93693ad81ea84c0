import { SimulatorError } from './simulator.error.js';

/** One server-sent event; `token` says that it carries one token, which the pace and the faults count. */
export interface StreamEvent {
  readonly text: string;
  readonly token: boolean;
}

/** An answer in events, from the first to the one that says that it is whole. */
export interface StreamedAnswer {
  readonly events: Iterable<StreamEvent>;
  /** What comes in place of the rest where the stream is to fail. */
  readonly failure: string;
  /** How many answers the events make up together, each at the full pace; one where absent. */
  readonly choices?: number;
}

/** What a stream says that fails. */
export const STREAM_ERROR = new SimulatorError(500, 'simulated_fault', 'Simulated fault in a stream');

/** An event that is told by its data alone. */
export const plainEvent = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

/** An event that says its type twice, in its own line and in its data, as the newer APIs do. */
export function typedEvent(type: string, fields: object, token = false): StreamEvent {
  return { text: `event: ${type}\n${plainEvent({ type, ...fields })}`, token };
}
