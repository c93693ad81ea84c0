import type { Audit } from './audit.js';
import { findLeaks, type Leaks } from './leaks.js';
import type { Stage } from './stage.js';

/** What a scenario did, and every promise that it saw broken, one line each. */
export class Findings {
  rounds = 0;
  requests = 0;
  readonly lost = new Set<string>();
  readonly doubled = new Set<string>();
  readonly wrong = new Set<string>();
  readonly leakedReservations = new Set<string>();
  readonly leakedSlots = new Set<string>();
  /** Everything else that was promised. */
  readonly broken = new Set<string>();

  /** Looks at all that can be wrong once no request runs any more. */
  async judge(stage: Stage): Promise<void> {
    this.audited(await stage.audit());
    this.leaked(await findLeaks(stage.gateway));
    this.agreed(await stage.differenceInRollups());
  }

  audited({ lost, doubled, wrong, mistold }: Audit): void {
    for (const line of lost) this.lost.add(line);
    for (const line of doubled) this.doubled.add(line);
    for (const line of wrong) this.wrong.add(line);
    for (const line of mistold) this.broken.add(line);
  }

  leaked({ reservations, slots }: Leaks): void {
    for (const line of reservations) this.leakedReservations.add(line);
    for (const line of slots) this.leakedSlots.add(line);
  }

  /** @param difference between rollups and entries */
  agreed(difference: string | undefined): void {
    if (difference !== undefined) this.broken.add(difference);
  }

  /** Notes a promise that does not hold. */
  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.broken.add(otherwise);
  }

  get all(): string[] {
    const kinds: [string, Set<string>][] = [
      ['lost', this.lost],
      ['doubled', this.doubled],
      ['tokens wrong', this.wrong],
      ['leaked reservation', this.leakedReservations],
      ['leaked slot', this.leakedSlots],
      ['broken', this.broken],
    ];
    return kinds.flatMap(([kind, lines]) => [...lines].map(line => `${kind}: ${line}`));
  }
}
