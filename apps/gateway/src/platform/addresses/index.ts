export { clientAddressOf } from './client-address.js';
export { canonicalAddress, networkOf } from './ip-address.js';
export { TrustedProxies } from './trusted-proxies.js';
