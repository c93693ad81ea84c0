import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './until.js';

/** A connection on which a test writes each byte itself. */
export class RawConnection {
  received = '';
  closed = false;

  private constructor(readonly socket: Socket) {
    // A connection that is reset is closed; that it is, is what counts.
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => (this.received += bytes.toString('latin1')));
    socket.on('close', () => (this.closed = true));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  /** Resolves when the bytes have been handed to the kernel, or the connection has closed. */
  send(bytes: string | Buffer): Promise<void> {
    return new Promise(resolve => this.socket.write(bytes, () => resolve()));
  }

  /** The statuses of all answers so far, in their order. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  async untilStatus(status: number): Promise<void> {
    await until(`an answer of ${status} has come`, () => this.statuses.includes(status) || this.closed);
    expect(this.statuses).toContain(status);
  }

  close(): void {
    this.socket.destroy();
  }
}
