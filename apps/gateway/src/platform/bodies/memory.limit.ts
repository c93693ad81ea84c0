import { totalmem } from 'node:os';

const PARTS = 4;

/** Bytes of memory that the process may use: the machine's, or less where a control group says so. */
function usableBytes(): number {
  // 0 or a number beyond all memory where there is no limit, which Node tells apart in no version.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Returns how many bytes of bodies the process holds at a time by default: a quarter of the memory that it may use. */
export const defaultInflightBytes = (): number => Math.floor(usableBytes() / PARTS);
