import { Injectable } from '@nestjs/common';

/** What parts of the process tell of their state that makes nobody send requests elsewhere. */
@Injectable()
export class HealthNotes {
  private readonly states = new Map<string, string>();

  tell(part: string, state: string): void {
    this.states.set(part, state);
  }

  /** By part; `undefined` where nobody has told anything. */
  all(): Record<string, string> | undefined {
    return this.states.size === 0 ? undefined : Object.fromEntries(this.states);
  }
}
