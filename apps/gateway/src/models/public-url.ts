import { Injectable } from '@nestjs/common';

/** Under which URL callers reach the data plane; known once the listener is open. */
@Injectable()
export class PublicUrl {
  base = '';

  /** The chat-completions URL of a model. */
  chatOf(modelId: string): string {
    return `${this.base.replace(/\/+$/, '')}/${modelId}/v1/chat/completions`;
  }
}
