export { topLevelMembers, withMember, withoutMember } from './json-members.js';
