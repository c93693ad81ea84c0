export { CredentialFailureGuard } from './credential-failure.guard.js';
export { LoopTurns } from './loop-turns.js';
export { MintThrottlerGuard } from './mint-throttler.guard.js';
export { ControlPlaneThrottlers } from './throttlers.js';
