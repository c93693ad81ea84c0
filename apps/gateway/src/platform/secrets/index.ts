export { loadEncryptionKeys } from './encryption-keys.js';
export { SecretBox } from './secret-box.js';
