export { JsonKeys, keysNamed } from './json-keys.js';
export { type JsonMember, topLevelMembers, withMember, withoutMember } from './json-members.js';
export { bytesAre, jsonValueAt } from './json-scalar.js';
export { afterSpace, type JsonSink, scanJsonObject } from './json-scan.js';
