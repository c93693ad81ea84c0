import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { HeldBytes } from '../bodies/index.js';
import { Slots } from '../collections/index.js';
import { PlainConnection, TICK_MS, type PlainHandler, type PlainOwner } from './plain-connection.js';
import type { PlainHead } from './plain-head.js';

type ConnectionListener = (socket: Socket) => void;

/**
 * Stands before node:http and reads what is written plainly by itself: to parse and to answer one takes node:http almost
 * half of what a bare proxy takes (ADR 0020).
 */
export class PlainConnections implements PlainOwner {
  private readonly connections = new Slots<PlainConnection>();
  private readonly behind: readonly ConnectionListener[];
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();
  closing = false;

  /**
   * @param handlerOf returns who answers a plain request; nobody where it is not served here
   * @param held counts the bytes that connections hold
   */
  constructor(
    private readonly server: Server,
    readonly handlerOf: (head: PlainHead) => PlainHandler | undefined,
    readonly held: HeldBytes,
  ) {
    this.behind = server.listeners('connection') as ConnectionListener[];
    server.removeAllListeners('connection');
    server.on('connection', socket => this.connections.add(new PlainConnection(socket, this)));
  }

  handOver(socket: Socket): void {
    for (const listener of this.behind) listener.call(this.server, socket);
  }

  forget(connection: PlainConnection): void {
    this.connections.delete(connection);
  }

  /** Lets go of who keeps a connection for too long. Called by the clock. */
  tick(): void {
    for (const connection of this.connections.all()) connection.tick();
  }

  /** Connections go: those that wait for a request at once, the others with their answer. */
  close(): void {
    this.closing = true;
    for (const connection of this.connections.all()) if (connection.idle) connection.destroy();
  }

  /** What is left goes too, whatever it was waiting for. */
  destroy(): void {
    clearInterval(this.timer);
    for (const connection of this.connections.all()) connection.destroy();
  }
}
