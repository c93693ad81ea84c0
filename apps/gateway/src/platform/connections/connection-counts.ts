/** The limit that a connection is over: on all of them, or on those of one address. */
export type ConnectionLimit = 'all' | 'address';

/** Counts open connections, in all and by the network that they come from. */
export class ConnectionCounts {
  private all = 0;
  private readonly byNetwork = new Map<string, number>();

  constructor(
    private readonly max: number,
    private readonly maxPerNetwork: number,
  ) {}

  get open(): number {
    return this.all;
  }

  /**
   * Counts a connection unless that would be one too many.
   * @param network undefined where the connection counts among all alone
   * @returns the limit that it is over
   */
  add(network: string | undefined): ConnectionLimit | undefined {
    if (this.all >= this.max) return 'all';
    if (network !== undefined) {
      const open = this.byNetwork.get(network) ?? 0;
      if (open >= this.maxPerNetwork) return 'address';
      this.byNetwork.set(network, open + 1);
    }
    this.all++;
    return undefined;
  }

  /** A connection that was counted has closed. */
  remove(network: string | undefined): void {
    this.all--;
    if (network === undefined) return;
    const open = this.byNetwork.get(network) ?? 0;
    if (open > 1) this.byNetwork.set(network, open - 1);
    else this.byNetwork.delete(network);
  }
}
