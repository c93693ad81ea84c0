export { type JsonMember, topLevelMembers, withMember, withoutMember } from './json-members.js';
export { bytesAre, type JsonSink, scanJsonObject } from './json-scan.js';
