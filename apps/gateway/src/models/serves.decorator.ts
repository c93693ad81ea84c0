import { Reflector } from '@nestjs/core';
import type { Endpoint } from './endpoint.js';

/** Says which endpoint a handler is of; `ModelAccessGuard` reads it, because a path can be written in many ways. */
export const Serves = Reflector.createDecorator<Endpoint>();
