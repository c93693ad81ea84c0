import type { AddressInfo } from 'node:net';
import { createSimulator } from './server.js';
import { parseSimulatorEnvironment, type SimulatorEnvironment } from './simulator.environment.js';

function start(environment: SimulatorEnvironment): void {
  const { SIMULATOR_HOST: host, SIMULATOR_PORT: port } = environment;
  const server = createSimulator({
    firstTokenDelayMs: environment.SIMULATOR_FIRST_TOKEN_DELAY_MS,
    tokensPerSecond: environment.SIMULATOR_TOKENS_PER_SECOND,
  });

  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  // A parent that was killed cannot say so; its channel closes, and no orphan keeps the port.
  process.once('disconnect', stop);
  if (process.connected === false) process.exit(0);

  server.once('error', (error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
    process.stderr.write(`simulator cannot listen on ${host}:${port}: ${reason}\n`);
    process.exit(1);
  });
  server.listen(port, host, () => {
    const address = server.address() as AddressInfo;
    const shown = address.family === 'IPv6' ? `[${address.address}]` : host;
    process.stdout.write(`simulator listening on http://${shown}:${address.port}\n`);
    // The callback keeps a channel that closed just now from throwing; 'disconnect' is what ends us then.
    process.send?.({ type: 'listening', port: address.port }, undefined, undefined, () => undefined);
  });
}

try {
  start(parseSimulatorEnvironment(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
