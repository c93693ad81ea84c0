export { Slots, type Slotted } from './slots.js';
