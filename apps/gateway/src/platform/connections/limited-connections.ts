import { Logger } from '@nestjs/common';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalAddress, networkOf, type TrustedProxies } from '../addresses/index.js';
import type { Environment } from '../config/index.js';
import { tooManyConnections } from '../errors/index.js';
import { rawAnswerOf } from '../http/index.js';
import { connectionsOpen, connectionsRefusedTotal } from '../telemetry/index.js';
import { ConnectionCounts, type ConnectionLimit } from './connection-counts.js';
import { defaultMaxConnections, openFilesLimit } from './open-files.limit.js';
import { RefusedSockets } from './refused-sockets.js';

interface ConnectionLimits {
  max: number;
  maxPerAddress: number;
  /** Have connections of many clients: only the limit on all holds for them. */
  proxies: TrustedProxies;
}

type ConnectionListener = (socket: Socket) => void;

/** Log lines about refused connections are at least this far apart. */
const LOG_INTERVAL_MS = 10_000;

/** Hands a server's connections to those who listen for them, and refuses what is over the limits with 503. */
class LimitedConnections {
  private readonly logger = new Logger(LimitedConnections.name);
  private readonly counts: ConnectionCounts;
  private readonly refused = new RefusedSockets();
  private readonly behind: readonly ConnectionListener[];
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly server: Server,
    private readonly limits: ConnectionLimits,
  ) {
    this.counts = new ConnectionCounts(limits.max, limits.maxPerAddress);
    this.behind = server.listeners('connection') as ConnectionListener[];
    server.removeAllListeners('connection');
    server.on('connection', socket => this.take(socket));
  }

  private take(socket: Socket): void {
    // It has none where the client has broken off already.
    const address = canonicalAddress(socket.remoteAddress ?? '');
    const network = address === undefined || this.limits.proxies.trusts(address) ? undefined : networkOf(address);
    const limit = this.counts.add(network);
    if (limit !== undefined) return this.refuse(socket, limit, address);
    connectionsOpen.set(this.counts.open);
    socket.once('close', () => {
      this.counts.remove(network);
      connectionsOpen.set(this.counts.open);
    });
    for (const listener of this.behind) listener.call(this.server, socket);
  }

  private refuse(socket: Socket, limit: ConnectionLimit, clientAddress: string | undefined): void {
    connectionsRefusedTotal.inc({ limit });
    this.refused.refuse(socket, () => rawAnswerOf(tooManyConnections()));
    const nowMs = performance.now();
    if (nowMs - this.loggedAtMs < LOG_INTERVAL_MS) return;
    this.loggedAtMs = nowMs;
    this.logger.warn({ limit, clientAddress, open: this.counts.open }, 'refused a connection over the limit');
  }
}

/** Limits the connections of a server. Call it when all others who listen for them have been added. */
export function limitConnections(server: Server, environment: Environment): void {
  const { MAAS_MAX_CONNECTIONS, MAAS_MAX_CONNECTIONS_PER_ADDRESS, MAAS_TRUSTED_PROXIES } = environment;
  new LimitedConnections(server, {
    max: MAAS_MAX_CONNECTIONS ?? defaultMaxConnections(openFilesLimit()),
    maxPerAddress: MAAS_MAX_CONNECTIONS_PER_ADDRESS,
    proxies: MAAS_TRUSTED_PROXIES,
  });
}
