export { loadEncryptionKeys } from './encryption-keys.js';
export { SecretBox } from './secret-box.js';
export { SecretsModule } from './secrets.module.js';
