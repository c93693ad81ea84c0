import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Counted } from '../charge.js';
import { RelayedText, KEPT_BYTES, type TextCount } from '../relayed.text.js';
import { openCountingThread } from './counting.thread.js';
import { TokenCounter } from './token-counter.js';

const NO_BYTES = Buffer.alloc(0);

/** Counts the tokens of requests whose upstreams do not report them. */
@Injectable()
export class RelayCounter implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('TokenCounter');
  private readonly counter = new TokenCounter(openCountingThread, message => this.logger.warn(message));

  onModuleInit(): void {
    this.counter.start();
  }

  /** Loading a vocabulary takes longer than an answer should wait: nobody is let in before. */
  onApplicationBootstrap(): Promise<void> {
    return this.counter.ready();
  }

  onApplicationShutdown(): void {
    this.counter.stop();
  }

  /**
   * Where the text of one answer is kept.
   * @param streamed whether it comes in pieces, which are counted along the way; a whole answer mostly reports itself
   * @param choices how many answers take turns in it
   */
  textOf(model: string, streamed: boolean, choices: number): RelayedText {
    const count = (text: Buffer): Promise<TextCount | undefined> => this.counter.count({ model, text });
    return new RelayedText(count, streamed ? KEPT_BYTES : Infinity, choices > 1);
  }

  /**
   * @param prompt the request's body, where its tokens are unknown
   * @param text what was passed on, where it was kept
   */
  async count(model: string, prompt: Buffer | undefined, text: RelayedText | undefined): Promise<Counted> {
    const last = await this.counter.count({ model, prompt, text: text?.take() ?? NO_BYTES });
    return { inputTokens: last?.inputTokens, output: await text?.counted(last) };
  }
}
