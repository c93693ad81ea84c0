import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartupError } from '../platform/config/index.js';

const REASONS: Record<string, string> = {
  EADDRINUSE: 'is taken by another process',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'is no address of this machine',
};

/** What a listener that cannot be opened is to the operator: one line that names the variable. */
export function listenError(variable: string, host: string, port: number, error: Error): Error {
  const reason = REASONS[String((error as NodeJS.ErrnoException).code)];
  return reason === undefined ? error : new StartupError(`${variable}: ${host}:${port} ${reason}`, { cause: error });
}

/** Opens a listener. @throws StartupError that names the variable */
export async function listen(server: Server, host: string, port: number, variable: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(variable, host, port, error)));
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
