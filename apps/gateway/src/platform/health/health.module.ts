import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthNotes } from './health-notes.service.js';
import { Lifecycle } from './lifecycle.service.js';

@Global()
@Module({ controllers: [HealthController], providers: [Lifecycle, HealthNotes], exports: [Lifecycle, HealthNotes] })
export class HealthModule {}
