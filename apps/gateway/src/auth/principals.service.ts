import { Injectable, type OnModuleInit } from '@nestjs/common';
import { notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import type { Identity } from './identity-provider.js';
import type { Principal } from './principal.js';
import { PRINCIPAL_TOPIC, PrincipalStore } from './principal.store.js';
import { isStorable } from './storable-text.js';

/** Above this many the least recently loaded are forgotten; they are read again when they call. */
const MAX_IN_MEMORY = 100_000;

const sameIdentity = (principal: Principal, identity: Identity): boolean =>
  principal.username === identity.username &&
  principal.groups.length === identity.groups.length &&
  principal.groups.every((group, index) => group === identity.groups[index]);

/** Everyone who has called lately, read from memory on the data plane and kept fresh by the change feed. */
@Injectable()
export class Principals implements OnModuleInit {
  private readonly bySubject = new Map<string, Principal>();
  /** Counts what was told of changes: a read that began before one must not put back what it found. */
  private changesSeen = 0;

  constructor(
    private readonly store: PrincipalStore,
    private readonly changes: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.changes.subscribe(PRINCIPAL_TOPIC, {
      onChange: async subject => {
        this.changesSeen++;
        if (this.bySubject.has(subject)) await this.load(subject);
      },
      // Whoever calls next is read again.
      onReset: () => Promise.resolve(this.bySubject.clear()),
    });
  }

  /** From memory alone. */
  peek(subject: string): Principal | undefined {
    return this.bySubject.get(subject);
  }

  async load(subject: string): Promise<Principal | undefined> {
    const found = isStorable(subject) ? await this.store.find(subject) : null;
    if (found === null) {
      this.bySubject.delete(subject);
      return undefined;
    }
    this.keep(found);
    return found;
  }

  /** What an identity exchange does: the groups that the provider tells now are those that count from now on. */
  async renew(identity: Identity): Promise<Principal> {
    const known = this.bySubject.get(identity.subject) ?? (await this.load(identity.subject));
    if (known !== undefined && sameIdentity(known, identity)) return known;
    const renewed = await this.store.renew(identity);
    this.keep(renewed);
    return renewed;
  }

  list(limit: number, after?: string): Promise<Principal[]> {
    if (after !== undefined && !isStorable(after)) return Promise.resolve([]);
    return this.store.list(limit, after);
  }

  /**
   * An administrator's decision, in force when this resolves.
   * @throws ApiError 404 where nobody of that subject has identified themselves yet
   */
  async decide(subject: string, decision: { tierOverride?: string | null; blocked?: boolean }): Promise<Principal> {
    const principal = isStorable(subject) ? await this.store.decide(subject, decision) : null;
    if (principal === null) throw notFound(`There is no user '${subject}'`);
    this.changesSeen++;
    this.keep(principal);
    await this.changes.catchUp();
    return principal;
  }

  private keep(principal: Principal): void {
    this.bySubject.delete(principal.subject);
    this.bySubject.set(principal.subject, principal);
    if (this.bySubject.size > MAX_IN_MEMORY) {
      const [oldest] = this.bySubject.keys();
      if (oldest !== undefined) this.bySubject.delete(oldest);
    }
  }
}
