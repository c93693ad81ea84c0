import type { ApiError } from '../platform/errors/index.js';

/** The contract's event for what fails after a stream has begun. */
export const errorEventOf = (error: ApiError): string => `data: ${JSON.stringify(error.toBody())}\n\n`;
