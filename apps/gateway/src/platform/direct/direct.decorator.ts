import { DiscoveryService } from '@nestjs/core';

/**
 * Says of a controller that its POST routes are served directly: a JSON body of known length passes the guards to the
 * handler without Fastify and without Nest's router between them, see {@link DirectRoutes}. The controller's decorators
 * still say which guards there are, in which order, and which filter answers errors.
 */
export const Direct = DiscoveryService.createDecorator();
