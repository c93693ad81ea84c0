export { clientAddressOf } from './client-address.js';
export { networkOf } from './ip-address.js';
export { TrustedProxies } from './trusted-proxies.js';
