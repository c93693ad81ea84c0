import { z } from 'zod';
import { TrustedProxies } from '../addresses/index.js';
import { CorsOrigins } from '../cors/cors-origins.js';
import { parseDuration } from './duration.js';

// What several variables of the environment are written as.

/** A Go duration, or a number of seconds, as milliseconds. */
export const duration = (fallback: string, minMs: number, maxMs: number) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
      if (ms === undefined || ms < minMs || ms > maxMs) {
        context.addIssue({ code: 'custom', message: 'out of range' });
        return z.NEVER;
      }
      return ms;
    });

const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

export const integer = (fallback: number, min: number, max: number) => number(min, max).default(fallback);
export const optionalInteger = (min: number, max: number) => number(min, max).optional();

export const port = (fallback: number) =>
  integer(fallback, 0, 65_535).describe('a port from 0 to 65535; 0 takes any free one');
/** @param protocols that the URL may have, each with its colon */
export const urlOf = (...protocols: string[]) =>
  z.string().refine(text => URL.canParse(text) && protocols.includes(new URL(text).protocol));

const entriesOf = (text: string): string[] =>
  text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '');

/** A comma-separated list. @param read makes a value of its entries, or throws a RangeError */
const listOf = <T>(read: (entries: string[]) => T) =>
  z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return read(entriesOf(text));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });

export const trustedProxies = () => listOf(entries => new TrustedProxies(entries));
export const corsOrigins = () => listOf(entries => new CorsOrigins(entries));
