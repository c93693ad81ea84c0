import { headTimedOut, malformedAnswer, type UpstreamFailure } from './upstream-failure.js';

/** Servers send one or two, such as 103 with early hints; a flood of them would keep the event loop busy. */
const MAX_RESPONSES = 32;

/** Bounds the 1xx responses before a response, in number and in time. */
export class InformationalResponses {
  private count = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param remainingMs until the head of the response must have come */
  constructor(
    remainingMs: number,
    private readonly fail: (failure: UpstreamFailure) => void,
  ) {
    this.timer = setTimeout(() => fail(headTimedOut()), Math.max(remainingMs, 0));
  }

  add(): void {
    this.count++;
    if (this.count > MAX_RESPONSES)
      this.fail(malformedAnswer(new Error(`more than ${MAX_RESPONSES} responses of 1xx`)));
  }

  /** No more of them count. */
  end(): void {
    clearTimeout(this.timer);
  }
}
